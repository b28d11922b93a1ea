# METADATA
# title: Function environments are encrypted with a customer managed key
# description: 'Without a key of your own the environment is encrypted with a key AWS manages: whoever
#   may read the configuration may decrypt it, and no key policy can forbid it.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
# custom:
#   check_id: PL-LAMBDA-007
#   control: lambda-env-kms
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - KmsKeyArn
#     - Environment.Variables!
#   remediation: Set KmsKeyArn to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_173
package plumbline.aws.lambda.environment_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Environment", "Variables"], {}) != {}
	not lib.customer_key(lib.value(input.resource, ["KmsKeyArn"], ""))
	lib.value(input.resource, ["KmsKeyArn"], "") in {"", null}
	violation := {
		"message": sprintf("The environment of function %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyArn",
		"facts": {"variables": count(input.resource.Properties.Environment.Variables)},
	}
}
