# METADATA
# title: Function environments hold no secret values
# description: Environment variables are readable by everyone who may read the function's configuration.
#   Values are classified when they are read and replaced by fingerprints; this rule sees their kind
#   only.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
# custom:
#   check_id: PL-LAMBDA-006
#   control: lambda-env-secrets
#   severity: high
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Environment.Variables
#   remediation: Move the value to Secrets Manager or a SecureString parameter and read it at run time;
#     rotate it, since it has been exposed.
#   hygiene: false
#   references:
#     - CKV_AWS_45
package plumbline.aws.lambda.environment_secrets

deny contains violation if {
	some name, value in object.get(input.resource.Properties, ["Environment", "Variables"], {})
	is_string(value)
	parts := split(value, ":")
	parts[0] == "secret"
	kind := parts[1]
	kind != "plain"
	violation := {
		"message": sprintf("Variable %s of function %s holds what looks like a secret (%s)", [name, input.resource.Name, kind]),
		"path": sprintf("Environment.Variables.%s", [name]),
		"facts": {"variable": name, "kind": kind},
	}
}
