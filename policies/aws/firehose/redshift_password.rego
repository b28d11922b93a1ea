# METADATA
# title: Delivery streams to Redshift take their password from a secret
# description: A password in a template is in its repository and in every copy of it; one in a
#   parameter that is shown is in the console. Values are fingerprints by the time this rule sees
#   them.
# related_resources:
#   - https://docs.aws.amazon.com/firehose/latest/dev/using-secrets-manager.html
# custom:
#   check_id: PL-FIREHOSE-004
#   control: firehose-redshift-password
#   severity: high
#   resource_types:
#     - AWS::KinesisFirehose::DeliveryStream
#   reads:
#     - RedshiftDestinationConfiguration.Password
#     - RedshiftDestinationConfiguration.SecretsManagerConfiguration.Enabled
#   remediation: Set SecretsManagerConfiguration, or refer to a secret with a dynamic reference;
#     change the password, since it has been exposed.
#   hygiene: false
#   references: []
package plumbline.aws.firehose.redshift_password

import data.plumbline.lib

deny contains violation if {
	text := lib.value(input.resource, ["RedshiftDestinationConfiguration", "Password"], "")
	startswith(text, "secret:")
	violation := {
		"message": sprintf("The password of delivery stream %s is written out", [input.resource.Name]),
		"path": "RedshiftDestinationConfiguration.Password",
		"facts": {"Password": "written out"},
	}
}

deny contains violation if {
	is_object(object.get(input.resource.Properties, "RedshiftDestinationConfiguration", null))
	lib.undeclared(input.resource, ["RedshiftDestinationConfiguration", "Password"])
	lib.off(input.resource, ["RedshiftDestinationConfiguration", "SecretsManagerConfiguration", "Enabled"])
	violation := {
		"message": sprintf("Delivery stream %s takes its password from nowhere", [input.resource.Name]),
		"path": "RedshiftDestinationConfiguration.Password",
		"facts": {"Password": null},
	}
}
