# METADATA
# title: Roles of guests reach named resources only
# description: Everyone on the internet may take the role that an identity pool gives to people who have
#   not signed in; with wildcards in its permissions they reach what was never meant for them.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
# custom:
#   check_id: PL-COGNITO-014
#   control: cognito-guest-role
#   severity: high
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Condition
#     - Policies.PolicyDocument.Statement.Effect
#     - Policies.PolicyDocument.Statement.Action
#     - Policies.PolicyDocument.Statement.Resource
#   remediation: Name the actions and resources that guests need.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.guest_role

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	admits_guests(statement)
	some allow in iam.own_allows
	wide(allow.statement)
	violation := {
		"message": sprintf("Role %s, which everyone may take, is not limited to named resources", [input.resource.Name]),
		"path": iam.at(allow),
		"facts": {"Action": object.get(allow.statement, "Action", null), "Resource": object.get(allow.statement, "Resource", null)},
	}
}

admits_guests(statement) if {
	some keys in statement.Condition
	is_object(keys)
	some key, wanted in keys
	lower(key) == "cognito-identity.amazonaws.com:amr"
	"unauthenticated" in lib.as_array(wanted)
}

wide(statement) if {
	iam.every_resource(statement)
	some action in iam.actions(statement)
	not action in harmless
}

wide(statement) if {
	some action in iam.actions(statement)
	endswith(action, ":*")
	not action in harmless
}

# Cognito's own defaults for guests: they name no resource and give nothing away.
harmless := {"mobileanalytics:putevents", "cognito-sync:*", "cognito-identity:getcredentialsforidentity"}
