# METADATA
# title: Queue policies name the actions they allow
# description: Who may do everything may also delete, and rewrite the policy itself. Leaving the
#   decision to the IAM of the own account, as default policies do, is no such grant.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
# custom:
#   check_id: PL-SQS-006
#   control: sqs-policy-every-action
#   severity: medium
#   resource_types:
#     - AWS::SQS::QueuePolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.NotAction!
#   remediation: Name the actions that are needed.
#   hygiene: false
#   references:
#     - CKV_AWS_72
package plumbline.aws.sqs.policy_every_action

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.every_action(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Queue policy %s allows every action", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.Action", [found.index]),
		"facts": {"Action": object.get(found.statement, "Action", "NotAction")},
	}
}
