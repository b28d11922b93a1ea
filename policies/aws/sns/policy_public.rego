# METADATA
# title: Topic policies do not admit everyone
# description: Anyone who may publish can feed every subscriber; anyone who may subscribe reads every
#   message.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
# custom:
#   check_id: PL-SNS-002
#   control: sns-policy-public
#   severity: high
#   resource_types:
#     - AWS::SNS::TopicPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:SourceArn or aws:SourceOwner.
#   hygiene: false
#   references:
#     - CKV_AWS_169
package plumbline.aws.sns.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public_to_all(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Topic policy %s admits everyone", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": found.statement.Principal, "Action": object.get(found.statement, "Action", null)},
	}
}
