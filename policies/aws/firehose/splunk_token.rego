# METADATA
# title: Delivery streams to Splunk take their token from a secret
# description: A token in a template is in its repository and in every copy of it; one in a
#   parameter that is shown is in the console. Values are fingerprints by the time this rule sees
#   them.
# related_resources:
#   - https://docs.aws.amazon.com/firehose/latest/dev/using-secrets-manager.html
# custom:
#   check_id: PL-FIREHOSE-005
#   control: firehose-splunk-token
#   severity: high
#   resource_types:
#     - AWS::KinesisFirehose::DeliveryStream
#   reads:
#     - SplunkDestinationConfiguration.HECToken
#     - SplunkDestinationConfiguration.SecretsManagerConfiguration.Enabled
#   remediation: Set SecretsManagerConfiguration, or refer to a secret with a dynamic reference;
#     change the token, since it has been exposed.
#   hygiene: false
#   references: []
package plumbline.aws.firehose.splunk_token

import data.plumbline.lib

deny contains violation if {
	text := lib.value(input.resource, ["SplunkDestinationConfiguration", "HECToken"], "")
	startswith(text, "secret:")
	violation := {
		"message": sprintf("The token of delivery stream %s is written out", [input.resource.Name]),
		"path": "SplunkDestinationConfiguration.HECToken",
		"facts": {"HECToken": "written out"},
	}
}

deny contains violation if {
	is_object(object.get(input.resource.Properties, "SplunkDestinationConfiguration", null))
	lib.undeclared(input.resource, ["SplunkDestinationConfiguration", "HECToken"])
	lib.off(input.resource, ["SplunkDestinationConfiguration", "SecretsManagerConfiguration", "Enabled"])
	violation := {
		"message": sprintf("Delivery stream %s takes its token from nowhere", [input.resource.Name]),
		"path": "SplunkDestinationConfiguration.HECToken",
		"facts": {"HECToken": null},
	}
}
