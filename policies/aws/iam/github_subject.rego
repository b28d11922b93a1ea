# METADATA
# title: IAM roles for GitHub Actions are limited to named repositories
# description: Everyone on GitHub can get a token of its identity provider. Only a condition on the
#   subject says whose workflows may assume the role.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
# custom:
#   check_id: PL-IAM-007
#   control: iam-oidc-subject
#   severity: high
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Principal
#     - AssumeRolePolicyDocument.Statement.Condition
#     - related.AWS::IAM::OIDCProvider.Url
#   remediation: Add a condition on token.actions.githubusercontent.com:sub that names your organization
#     and repository.
#   hygiene: false
#   references: []
package plumbline.aws.iam.github_subject

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	some provider in providers(statement)
	not limited(statement)
	violation := {
		"message": sprintf("Role %s can be assumed from workflows of any GitHub repository", [input.resource.Name]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Condition", [i]),
		"facts": {"Federated": provider, "Condition": object.get(statement, "Condition", {})},
	}
}

host := "token.actions.githubusercontent.com"

# Who is trusted is GitHub's provider by its ARN, by a reference to it, or by what the condition asks.
providers(statement) := {provider |
	some provider in iam.texts(statement.Principal.Federated)
	contains(provider, host)
} | {provider |
	some provider in lib.as_array(statement.Principal.Federated)
	some other in lib.related("AWS::IAM::OIDCProvider")
	contains(other.Properties.Url, host)
	lib.means(provider, other)
} | {host |
	some keys in statement.Condition
	is_object(keys)
	some key, _ in keys
	startswith(lower(key), sprintf("%s:", [host]))
	statement.Principal.Federated
}

limited(statement) if lib.unknown(statement.Condition)

limited(statement) if {
	some operator, keys in statement.Condition
	trim_prefix(lower(operator), "foranyvalue:") in {"stringequals", "stringequalsignorecase", "stringlike"}
	some key, wanted in keys
	lower(key) in {"token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:repository", "token.actions.githubusercontent.com:repository_owner"}
	open := [text | some text in lib.as_array(wanted); is_string(text); regex.match(`^(repo:)?\*`, text)]
	open == []
}
