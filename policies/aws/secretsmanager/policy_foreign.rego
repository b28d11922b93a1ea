# METADATA
# title: Secret policies do not admit other accounts
# description: An account that is not in the list of trusted accounts may read the secret, or replace
#   it.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
# custom:
#   check_id: PL-SECRETS-005
#   control: secret-policy-foreign
#   severity: high
#   resource_types:
#     - AWS::SecretsManager::ResourcePolicy
#   reads:
#     - ResourcePolicy.Statement.Effect
#     - ResourcePolicy.Statement.Principal
#     - ResourcePolicy.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references: []
package plumbline.aws.secretsmanager.policy_foreign

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.ResourcePolicy)
	violation := {
		"message": sprintf("Policy of secret %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("ResourcePolicy.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}
