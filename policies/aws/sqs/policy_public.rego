# METADATA
# title: Queue policies do not admit everyone
# description: Anyone who may send can feed the consumer; anyone who may receive takes messages away.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
# custom:
#   check_id: PL-SQS-003
#   control: sqs-policy-public
#   severity: high
#   resource_types:
#     - AWS::SQS::QueuePolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:SourceArn.
#   hygiene: false
#   references:
#     - CKV_AWS_168
#     - CKV_AWS_387
package plumbline.aws.sqs.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public_to_all(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Queue policy %s admits everyone", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": found.statement.Principal, "Action": object.get(found.statement, "Action", null)},
	}
}
