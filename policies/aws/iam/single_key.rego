# METADATA
# title: IAM users have one active access key
# description: A second active key is one more that leaks, and rotation needs it for a day only.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
# custom:
#   check_id: PL-IAM-022
#   control: iam-single-key
#   severity: low
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - AccessKeys.Status
#   remediation: Deactivate the older key once nothing uses it.
#   hygiene: true
#   references: []
package plumbline.aws.iam.single_key

import data.plumbline.lib

deny contains violation if {
	active := [key | some key in lib.items(input.resource, ["AccessKeys"]); key.Status == "Active"]
	count(active) > 1
	violation := {
		"message": sprintf("User %s has %d active access keys", [input.resource.Name, count(active)]),
		"path": "AccessKeys",
		"facts": {"active": count(active)},
	}
}
