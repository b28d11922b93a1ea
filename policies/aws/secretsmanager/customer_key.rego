# METADATA
# title: Secrets are encrypted with a customer managed key
# description: With AWS's own key every principal of the account that may read the secret may decrypt
#   it; a key of your own adds a second lock with its own policy, and is needed to share across accounts.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
# custom:
#   check_id: PL-SECRETS-002
#   control: secret-cmk
#   severity: low
#   resource_types:
#     - AWS::SecretsManager::Secret
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_149
package plumbline.aws.secretsmanager.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Secret %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
