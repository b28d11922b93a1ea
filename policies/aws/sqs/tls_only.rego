# METADATA
# title: Queues refuse requests without TLS
# description: SQS answers plain HTTP unless the queue's policy denies it.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
# custom:
#   check_id: PL-SQS-004
#   control: sqs-tls-only
#   severity: low
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - related.AWS::SQS::QueuePolicy.PolicyDocument.Statement.Effect
#     - related.AWS::SQS::QueuePolicy.PolicyDocument.Statement.Principal
#     - related.AWS::SQS::QueuePolicy.PolicyDocument.Statement.Condition
#   remediation: Add a Deny for principal * with the condition aws:SecureTransport false.
#   hygiene: true
#   references: []
package plumbline.aws.sqs.tls_only

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	not refused
	violation := {
		"message": sprintf("Queue %s accepts requests without TLS", [input.resource.Name]),
		"path": "QueuePolicy",
		"facts": {"policies": count(lib.related("AWS::SQS::QueuePolicy"))},
	}
}

refused if {
	some policy in lib.related("AWS::SQS::QueuePolicy")
	iam.tls_only(policy.Properties.PolicyDocument)
}

# What is not known may well refuse: the verdict is then unknown.
refused if lib.unlisted("AWS::SQS::QueuePolicy")

refused if {
	some policy in lib.related("AWS::SQS::QueuePolicy")
	lib.doubtful(policy.Properties.PolicyDocument)
}

refused if {
	some policy in lib.related("AWS::SQS::QueuePolicy")
	some statement in iam.statements(policy.Properties.PolicyDocument)
	statement.Effect == "Deny"
	lib.doubtful(statement.Condition)
}
