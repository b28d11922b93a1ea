# METADATA
# title: Key policies give nobody every action
# description: Who may do everything with a key may use it, hand it on and delete it. Leaving the
#   decision to the IAM of the own account, as the default policy does, is no such grant.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
# custom:
#   check_id: PL-KMS-006
#   control: kms-policy-every-action
#   severity: medium
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - KeyPolicy.Statement.Effect
#     - KeyPolicy.Statement.Principal
#     - KeyPolicy.Statement.Action
#     - KeyPolicy.Statement.NotAction!
#   remediation: Name the actions that are needed.
#   hygiene: false
#   references: []
package plumbline.aws.kms.policy_every_action

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.every_action(input.resource.Properties.KeyPolicy)
	violation := {
		"message": sprintf("Key policy of %s allows every action", [input.resource.Name]),
		"path": sprintf("KeyPolicy.Statement.%d.Action", [found.index]),
		"facts": {"Action": object.get(found.statement, "Action", "NotAction")},
	}
}
