# METADATA
# title: Topics refuse publishing without TLS
# description: SNS accepts publishing over plain HTTP unless the topic's policy denies it.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
# custom:
#   check_id: PL-SNS-003
#   control: sns-tls-only
#   severity: low
#   resource_types:
#     - AWS::SNS::Topic
#   reads:
#     - related.AWS::SNS::TopicPolicy.PolicyDocument.Statement.Effect
#     - related.AWS::SNS::TopicPolicy.PolicyDocument.Statement.Principal
#     - related.AWS::SNS::TopicPolicy.PolicyDocument.Statement.Condition
#   remediation: Add a Deny for principal * on sns:Publish with the condition aws:SecureTransport false.
#   hygiene: true
#   references: []
package plumbline.aws.sns.tls_only

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	not refused
	violation := {
		"message": sprintf("Topic %s accepts requests without TLS", [input.resource.Name]),
		"path": "TopicPolicy",
		"facts": {"policies": count(lib.related("AWS::SNS::TopicPolicy"))},
	}
}

refused if {
	some policy in lib.related("AWS::SNS::TopicPolicy")
	iam.tls_only(policy.Properties.PolicyDocument)
}

# What is not known may well refuse: the verdict is then unknown.
refused if lib.unlisted("AWS::SNS::TopicPolicy")

refused if {
	some policy in lib.related("AWS::SNS::TopicPolicy")
	lib.doubtful(policy.Properties.PolicyDocument)
}

refused if {
	some policy in lib.related("AWS::SNS::TopicPolicy")
	some statement in iam.statements(policy.Properties.PolicyDocument)
	statement.Effect == "Deny"
	lib.doubtful(statement.Condition)
}
