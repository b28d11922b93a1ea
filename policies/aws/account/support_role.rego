# METADATA
# title: A role may manage incidents with AWS Support
# description: In an incident somebody must be able to open a case without the root user.
# related_resources:
#   - https://docs.aws.amazon.com/awssupport/latest/user/accessing-support.html
# custom:
#   check_id: PL-ACCOUNT-004
#   control: account-support-role
#   severity: low
#   resource_types:
#     - AWS::Account::Account
#   reads:
#     - HasSupportRole
#   remediation: Attach the managed policy AWSSupportAccess to a role that those on duty may assume.
#   hygiene: true
#   references: []
package plumbline.aws.account.support_role

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["HasSupportRole"], null) == false
	violation := {
		"message": sprintf("No role of account %s may open cases with AWS Support", [input.resource.Name]),
		"path": "HasSupportRole",
		"facts": {"HasSupportRole": false},
	}
}
