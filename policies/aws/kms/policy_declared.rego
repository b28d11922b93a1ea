# METADATA
# title: Keys declare their policy
# description: 'A key without a policy gets the default one, which leaves everything to the IAM of the
#   account: who may use the key is then written nowhere near it.'
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
# custom:
#   check_id: PL-KMS-005
#   control: kms-policy-declared
#   severity: low
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - KeyPolicy!
#   remediation: Set KeyPolicy with the administrators and the users of the key.
#   hygiene: true
#   references:
#     - CKV2_AWS_64
package plumbline.aws.kms.policy_declared

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["KeyPolicy"])
	violation := {
		"message": sprintf("Key %s declares no policy", [input.resource.Name]),
		"path": "KeyPolicy",
		"facts": {"KeyPolicy": null},
	}
}
