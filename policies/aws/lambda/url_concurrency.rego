# METADATA
# title: Public function URLs are limited in concurrency
# description: 'Everyone may call a URL without authentication as often as they like: without a reserved
#   concurrency a flood uses up the account''s and stops every other function, at your cost.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
# custom:
#   check_id: PL-LAMBDA-036
#   control: lambda-url-concurrency
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Url
#   reads:
#     - AuthType
#     - related.AWS::Lambda::Function.ReservedConcurrentExecutions
#   remediation: Set ReservedConcurrentExecutions on the function, or AuthType AWS_IAM on the URL.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.url_concurrency

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AuthType"], "") == "NONE"
	some function in lib.related("AWS::Lambda::Function")
	lib.absent(function, ["ReservedConcurrentExecutions"])
	violation := {
		"message": sprintf("Function URL %s lets everyone call function %s without a limit", [input.resource.Name, function.Name]),
		"path": "AuthType",
		"facts": {"AuthType": "NONE", "function": function.uid},
	}
}
