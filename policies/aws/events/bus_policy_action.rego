# METADATA
# title: Event bus policies allow putting events only
# description: A wildcard lets the other account change rules and targets of the bus, and so where events
#   go.
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
# custom:
#   check_id: PL-EVENTS-003
#   control: eventbus-policy-action
#   severity: medium
#   resource_types:
#     - AWS::Events::EventBus
#     - AWS::Events::EventBusPolicy
#   reads:
#     - Policy.Statement.Effect
#     - Policy.Statement.Action
#     - Policy.Statement.NotAction!
#     - Statement.Effect
#     - Statement.Action
#     - Statement.NotAction!
#     - Action
#   remediation: Set Action to events:PutEvents.
#   hygiene: false
#   references: []
package plumbline.aws.events.bus_policy_action

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some property in ["Policy", "Statement"]
	some statement in iam.statements(document(property))
	statement.Effect == "Allow"
	some action in iam.actions(statement)
	wild(action)
	violation := {
		"message": sprintf("Policy of event bus %s allows %s", [input.resource.Name, action]),
		"path": property,
		"facts": {"Action": action},
	}
}

deny contains violation if {
	some property in ["Policy", "Statement"]
	some statement in iam.statements(document(property))
	statement.Effect == "Allow"
	statement.NotAction
	not lib.unknown(statement.NotAction)
	violation := {
		"message": sprintf("Policy of event bus %s allows every action but a few", [input.resource.Name]),
		"path": property,
		"facts": {"NotAction": statement.NotAction},
	}
}

document(property) := input.resource.Properties.Policy if property == "Policy"

document(property) := {"Statement": input.resource.Properties.Statement} if property == "Statement"

wild(action) if action in {"*", "events:*", "events:put*"}
