# METADATA
# title: Trust policies admit named principals, not all but a few
# description: Allow with NotPrincipal lets everyone take the role who is not listed, other
#   accounts included.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
# custom:
#   check_id: PL-IAM-038
#   control: iam-trust-not-principal
#   severity: critical
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.NotPrincipal!
#   remediation: Write Principal with those who may take the role; put the exceptions into a Deny.
#   hygiene: false
#   references: []
package plumbline.aws.iam.trust_not_principal

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.not_principal(input.resource.Properties.AssumeRolePolicyDocument)
	violation := {
		"message": sprintf("Role %s can be taken by everyone but a few (NotPrincipal)", [input.resource.Name]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.NotPrincipal", [found.index]),
		"facts": {"NotPrincipal": found.statement.NotPrincipal},
	}
}
