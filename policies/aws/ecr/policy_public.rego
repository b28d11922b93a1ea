# METADATA
# title: Repository policies do not admit everyone
# description: Anyone who may pull gets the code; anyone who may push replaces it.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
# custom:
#   check_id: PL-ECR-003
#   control: ecr-policy-public
#   severity: critical
#   resource_types:
#     - AWS::ECR::Repository
#   reads:
#     - RepositoryPolicyText.Statement.Effect
#     - RepositoryPolicyText.Statement.Principal
#     - RepositoryPolicyText.Statement.Condition
#   remediation: Name the accounts, or add a condition on aws:PrincipalOrgID.
#   hygiene: false
#   references:
#     - CKV_AWS_32
package plumbline.aws.ecr.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.RepositoryPolicyText)
	violation := {
		"message": sprintf("Repository policy of %s admits everyone", [input.resource.Name]),
		"path": sprintf("RepositoryPolicyText.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal"), "Action": object.get(found.statement, "Action", null)},
	}
}
