# METADATA
# title: Secrets rotate automatically
# description: A secret that never changes stays useful to whoever once saw it.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
# custom:
#   check_id: PL-SECRETS-001
#   control: secret-rotation
#   severity: medium
#   resource_types:
#     - AWS::SecretsManager::Secret
#   reads:
#     - RotationEnabled
#     - related.AWS::SecretsManager::RotationSchedule.SecretId!
#   remediation: Add a RotationSchedule with a rotation function.
#   hygiene: false
#   references:
#     - CKV2_AWS_57
package plumbline.aws.secretsmanager.rotation

import data.plumbline.lib

deny contains violation if {
	lib.none_related("AWS::SecretsManager::RotationSchedule")
	lib.off(input.resource, ["RotationEnabled"])
	violation := {
		"message": sprintf("Secret %s does not rotate", [input.resource.Name]),
		"path": "RotationEnabled",
		"facts": {"RotationEnabled": false},
	}
}
