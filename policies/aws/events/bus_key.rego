# METADATA
# title: Event buses are encrypted with a customer managed key
# description: 'With a key of your own a key policy says who reads archived and undelivered events. Live
#   buses are left out: their key costs one API call each to learn and is not read.'
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-at-rest-key-options.html
# custom:
#   check_id: PL-EVENTS-005
#   control: eventbus-key
#   severity: low
#   resource_types:
#     - AWS::Events::EventBus
#   reads:
#     - KmsKeyIdentifier
#   remediation: Set KmsKeyIdentifier.
#   hygiene: true
#   references: []
package plumbline.aws.events.bus_key

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	key := lib.value(input.resource, ["KmsKeyIdentifier"], "")
	key in {"", null}
	violation := {
		"message": sprintf("Event bus %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyIdentifier",
		"facts": {"KmsKeyIdentifier": null},
	}
}
