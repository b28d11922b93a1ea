# METADATA
# title: The root user has no access keys
# description: A key of the root user may do everything, is bound by no policy, and asks for no second factor.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html
# custom:
#   check_id: PL-IAM-028
#   control: iam-root-access-key
#   severity: critical
#   resource_types:
#     - AWS::IAM::AccessKey
#   reads:
#     - UserName
#     - Status
#   remediation: Delete the key; give whatever uses it a role.
#   hygiene: false
#   references:
#     - CKV_AWS_348
package plumbline.aws.iam.root_access_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["UserName"], "") in {"root", "<root_account>"}
	lib.value(input.resource, ["Status"], "Active") != "Inactive"
	violation := {
		"message": sprintf("Access key %s belongs to the root user", [input.resource.Name]),
		"path": "UserName",
		"facts": {"UserName": "root"},
	}
}
