# METADATA
# title: Secret policies do not admit everyone
# description: Everyone with an AWS account could read the secret.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
# custom:
#   check_id: PL-SECRETS-004
#   control: secret-policy-public
#   severity: critical
#   resource_types:
#     - AWS::SecretsManager::ResourcePolicy
#   reads:
#     - ResourcePolicy.Statement.Effect
#     - ResourcePolicy.Statement.Principal
#     - ResourcePolicy.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:PrincipalOrgID.
#   hygiene: false
#   references: []
package plumbline.aws.secretsmanager.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.ResourcePolicy)
	violation := {
		"message": sprintf("Policy of secret %s admits everyone", [input.resource.Name]),
		"path": sprintf("ResourcePolicy.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal"), "Action": object.get(found.statement, "Action", null)},
	}
}
