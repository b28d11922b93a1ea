# METADATA
# title: Secrets are not written in templates
# description: A value in a template is readable by everyone who may read the repository, its history,
#   or the stack.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html
# custom:
#   check_id: PL-SECRETS-006
#   control: secret-literal
#   severity: high
#   resource_types:
#     - AWS::SecretsManager::Secret
#   reads:
#     - SecretString
#   remediation: Use GenerateSecretString, or set the value outside the template; rotate the one that
#     was written down.
#   hygiene: false
#   references: []
package plumbline.aws.secretsmanager.literal

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	text := lib.value(input.resource, ["SecretString"], "")
	startswith(text, "secret:")
	not contains(text, "{{resolve:")
	violation := {
		"message": sprintf("The value of secret %s is written in the template", [input.resource.Name]),
		"path": "SecretString",
		"facts": {"why": "a literal value"},
	}
}
