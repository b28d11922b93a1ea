# METADATA
# title: Repository policies do not admit other accounts
# description: An account that is not in the list of trusted accounts may pull the code, or push other
#   code.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
# custom:
#   check_id: PL-ECR-006
#   control: ecr-policy-foreign
#   severity: medium
#   resource_types:
#     - AWS::ECR::Repository
#   reads:
#     - RepositoryPolicyText.Statement.Effect
#     - RepositoryPolicyText.Statement.Principal
#     - RepositoryPolicyText.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references: []
package plumbline.aws.ecr.policy_foreign

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.RepositoryPolicyText)
	violation := {
		"message": sprintf("Policy of repository %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("RepositoryPolicyText.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}
