# METADATA
# title: Build environments hold no credentials in plain text
# description: Plain variables of a build are readable by everyone who may read the project, and end up
#   in its logs.
# related_resources:
#   - https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
# custom:
#   check_id: PL-CODEBUILD-002
#   control: codebuild-environment-secrets
#   severity: high
#   resource_types:
#     - AWS::CodeBuild::Project
#   reads:
#     - Environment.EnvironmentVariables
#   remediation: Use variables of type SECRETS_MANAGER or PARAMETER_STORE; let the project's role give AWS
#     credentials.
#   hygiene: false
#   references: []
package plumbline.aws.codebuild.environment_secrets

import data.plumbline.lib

deny contains violation if {
	some i, variable in lib.items(input.resource, ["Environment", "EnvironmentVariables"])
	object.get(variable, "Type", "PLAINTEXT") == "PLAINTEXT"
	holds_secret(variable)
	violation := {
		"message": sprintf("Variable %s of build project %s holds a credential in plain text", [variable.Name, input.resource.Name]),
		"path": sprintf("Environment.EnvironmentVariables.%d", [i]),
		"facts": {"variable": variable.Name},
	}
}

holds_secret(variable) if variable.Name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

holds_secret(variable) if {
	is_string(variable.Value)
	parts := split(variable.Value, ":")
	parts[0] == "secret"
	parts[1] != "plain"
}
