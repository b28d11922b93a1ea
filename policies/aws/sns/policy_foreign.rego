# METADATA
# title: Topic policies do not admit other accounts
# description: An account that is not in the list of trusted accounts may publish to the topic, or
#   read what is published.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
# custom:
#   check_id: PL-SNS-005
#   control: sns-policy-foreign
#   severity: medium
#   resource_types:
#     - AWS::SNS::TopicPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references:
#     - CKV_AWS_385
package plumbline.aws.sns.policy_foreign

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Topic policy %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}
