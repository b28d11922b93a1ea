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
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, AC-6]
#     PCI DSS: [7.2.1]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [25(2), 32(1)(b)]
#     ISO 27001: [A.5.15, A.8.3]
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
