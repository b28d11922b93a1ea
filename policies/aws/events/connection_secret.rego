# METADATA
# title: Connections take their secrets from Secrets Manager
# description: A password in a template is in its repository and in every copy of it. Values are classified
#   when they are read and replaced by fingerprints; this rule sees that there is one.
# related_resources:
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
# custom:
#   check_id: PL-EVENTS-007
#   control: events-connection-secret
#   severity: high
#   resource_types:
#     - AWS::Events::Connection
#   reads:
#     - AuthParameters.BasicAuthParameters.Password
#     - AuthParameters.ApiKeyAuthParameters.ApiKeyValue
#     - AuthParameters.OAuthParameters.ClientParameters.ClientSecret
#   remediation: Refer to a secret with a dynamic reference, and change the value, since it has been exposed.
#   hygiene: false
#   references: []
package plumbline.aws.events.connection_secret

import data.plumbline.lib

deny contains violation if {
	some path in secrets
	value := lib.value(input.resource, path, "")
	startswith(value, "secret:")
	violation := {
		"message": sprintf("Connection %s holds a secret of its template", [input.resource.Name]),
		"path": concat(".", path),
		"facts": {"property": concat(".", path)},
	}
}

secrets := [
	["AuthParameters", "BasicAuthParameters", "Password"],
	["AuthParameters", "ApiKeyAuthParameters", "ApiKeyValue"],
	["AuthParameters", "OAuthParameters", "ClientParameters", "ClientSecret"],
]
