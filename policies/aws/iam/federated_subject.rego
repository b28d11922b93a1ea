# METADATA
# title: Roles for outside identity providers are limited to named subjects
# description: Every user of a shared identity provider can get a token of it. Only a condition on the subject
#   or audience says whose token may take the role. GitHub has a check of its own.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
# custom:
#   check_id: PL-IAM-017
#   control: iam-federated-subject
#   severity: high
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Principal
#     - AssumeRolePolicyDocument.Statement.Condition
#     - related.AWS::IAM::OIDCProvider.Url
#   remediation: Add a condition on the provider's sub or aud.
#   hygiene: false
#   references: []
package plumbline.aws.iam.federated_subject

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	some provider in lib.as_array(statement.Principal.Federated)
	issues_tokens(provider)
	not limited(statement)
	violation := {
		"message": sprintf("Role %s can be taken with any token of %s", [input.resource.Name, provider]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Condition", [i]),
		"facts": {"Federated": provider, "Condition": object.get(statement, "Condition", {})},
	}
}

issues_tokens(provider) if {
	contains(provider, ":oidc-provider/")
	not contains(provider, "token.actions.githubusercontent.com")
}

# A provider that the template declares beside the role.
issues_tokens(provider) if {
	some other in lib.related("AWS::IAM::OIDCProvider")
	lib.means(provider, other)
	not contains(object.get(other.Properties, "Url", ""), "token.actions.githubusercontent.com")
}

issues_tokens(provider) if provider in {
	"accounts.google.com",
	"cognito-identity.amazonaws.com",
	"graph.facebook.com",
	"www.amazon.com",
}

limited(statement) if lib.unknown(statement.Condition)

limited(statement) if {
	some keys in statement.Condition
	is_object(keys)
	some key, wanted in keys
	regex.match(`:(sub|aud|app_id|azp|oaud)$`, lower(key))
	not "*" in lib.as_array(wanted)
}
