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
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, AC-6]
#     PCI DSS: [7.2.1]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [25(2), 32(1)(b)]
#     ISO 27001: [A.5.15, A.8.3]
#   references:
#     - CKV_AWS_168
#     - CKV_AWS_387
package plumbline.aws.sqs.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Queue policy %s admits everyone", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal"), "Action": object.get(found.statement, "Action", null)},
	}
}
