# METADATA
# title: Trust policies allow assuming the role and nothing else
# description: A wildcard or NotAction in a trust policy allows sessions with any tags, source identity
#   and context as well, on which other policies may rely.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
# custom:
#   check_id: PL-IAM-015
#   control: iam-trust-actions
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Action
#     - AssumeRolePolicyDocument.Statement.NotAction!
#   remediation: Write sts:AssumeRole, or the one action of its kind that is used.
#   hygiene: false
#   references: []
package plumbline.aws.iam.trust_actions

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	some action in iam.actions(statement)
	wild(action)
	violation := {
		"message": sprintf("Role %s can be taken with any action: %s", [input.resource.Name, action]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Action", [i]),
		"facts": {"Action": action},
	}
}

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	statement.NotAction
	not lib.unknown(statement.NotAction)
	violation := {
		"message": sprintf("Role %s can be taken with any action but a few (NotAction)", [input.resource.Name]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.NotAction", [i]),
		"facts": {"NotAction": statement.NotAction},
	}
}

wild(action) if action == "*"

wild(action) if endswith(action, ":*")
