# METADATA
# title: Stage variables hold no secret values
# description: Stage variables are readable by everyone who may read the stage, and end up in URLs and logs.
#   Live values are classified when they are read and replaced by fingerprints; this rule sees their kind
#   only.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html
# custom:
#   check_id: PL-APIGATEWAY-028
#   control: apigateway-variable-secrets
#   severity: high
#   resource_types:
#     - AWS::ApiGateway::Stage
#     - AWS::ApiGatewayV2::Stage
#   reads:
#     - Variables
#     - StageVariables
#   remediation: Keep the value in Secrets Manager, read it in the integration, and rotate it, since it
#     has been exposed.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.variable_secrets

deny contains violation if {
	some property in ["Variables", "StageVariables"]
	some name, value in object.get(input.resource.Properties, property, {})
	is_string(value)
	parts := split(value, ":")
	parts[0] == "secret"
	parts[1] != "plain"
	violation := {
		"message": sprintf("Variable %s of stage %s holds what looks like a secret (%s)", [name, input.resource.Name, parts[1]]),
		"path": sprintf("%s.%s", [property, name]),
		"facts": {"variable": name, "kind": parts[1]},
	}
}
