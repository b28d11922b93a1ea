# METADATA
# title: Queue policies do not admit other accounts
# description: An account that is not in the list of trusted accounts may send to the queue, or take
#   messages from it.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
# custom:
#   check_id: PL-SQS-007
#   control: sqs-policy-foreign
#   severity: medium
#   resource_types:
#     - AWS::SQS::QueuePolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references: []
package plumbline.aws.sqs.policy_foreign

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Queue policy %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}
