# METADATA
# title: Event bus policies do not admit everyone
# description: Anyone who may put events on a bus can trigger every rule on it.
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
# custom:
#   check_id: PL-EVENTS-001
#   control: eventbus-policy-public
#   severity: high
#   resource_types:
#     - AWS::Events::EventBus
#     - AWS::Events::EventBusPolicy
#   reads:
#     - Policy.Statement.Effect
#     - Policy.Statement.Principal
#     - Policy.Statement.Condition
#     - Statement.Effect
#     - Statement.Principal
#     - Statement.Condition
#     - Principal
#     - Condition
#   remediation: Name the accounts, or add a condition on aws:PrincipalOrgID.
#   hygiene: false
#   references: []
package plumbline.aws.events.bus_policy_public

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.Policy)
	violation := open_to_everyone("Policy", found.statement)
}

deny contains violation if {
	input.resource.Type == "AWS::Events::EventBusPolicy"
	some found in iam.public({"Statement": input.resource.Properties.Statement})
	violation := open_to_everyone("Statement", found.statement)
}

# The older form: one principal and an optional organization.
deny contains violation if {
	input.resource.Type == "AWS::Events::EventBusPolicy"
	lib.value(input.resource, ["Principal"], "") == "*"
	lib.absent(input.resource, ["Condition"])
	violation := {
		"message": sprintf("Event bus policy %s admits everyone", [input.resource.Name]),
		"path": "Principal",
		"facts": {"Principal": "*"},
	}
}

open_to_everyone(property, statement) := {
	"message": sprintf("Event bus policy of %s admits everyone", [input.resource.Name]),
	"path": property,
	"facts": {"Principal": object.get(statement, "Principal", "NotPrincipal")},
}
