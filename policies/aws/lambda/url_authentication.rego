# METADATA
# title: Function URLs authenticate their callers with IAM
# description: A function URL with AuthType NONE can be called by anyone on the internet who learns
#   it.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
# custom:
#   check_id: PL-LAMBDA-003
#   control: lambda-url-authentication
#   severity: high
#   resource_types:
#     - AWS::Lambda::Url
#   reads:
#     - AuthType
#   remediation: Set AuthType to AWS_IAM, or put an API with an authorizer in front of the function.
#   hygiene: false
#   references:
#     - CKV_AWS_258
package plumbline.aws.lambda.url_authentication

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AuthType"], "") == "NONE"
	violation := {
		"message": sprintf("Function URL %s lets anyone call: its AuthType is NONE", [input.resource.Name]),
		"path": "AuthType",
		"facts": {"AuthType": "NONE"},
	}
}
