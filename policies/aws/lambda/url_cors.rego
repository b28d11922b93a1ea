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
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, AC-6]
#     PCI DSS: [7.2.1]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.15, A.8.3]
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
