# METADATA
# title: Function URLs do not allow every web origin
# description: AllowOrigins * lets every web page call the function from its visitors' browsers and
#   read the answer.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
# custom:
#   check_id: PL-LAMBDA-019
#   control: lambda-url-cors
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Url
#   reads:
#     - Cors.AllowOrigins
#     - AuthType
#   remediation: List the origins of your own pages in Cors.AllowOrigins.
#   hygiene: false
#   references:
#     - CKV2_AWS_75
package plumbline.aws.lambda.url_cors

import data.plumbline.lib

deny contains violation if {
	"*" in lib.items(input.resource, ["Cors", "AllowOrigins"])
	violation := {
		"message": sprintf("Function URL %s answers pages of every origin", [input.resource.Name]),
		"path": "Cors.AllowOrigins",
		"facts": {"AllowOrigins": input.resource.Properties.Cors.AllowOrigins},
	}
}
