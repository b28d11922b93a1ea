# METADATA
# title: Functions accept signed code only
# description: Without a code signing configuration whoever may update the function can deploy any code.
#   Container images cannot be signed this way and are left out; so are live functions, whose code signing
#   costs one API call each to learn and is not read.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
# custom:
#   check_id: PL-LAMBDA-012
#   control: lambda-code-signing
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - CodeSigningConfigArn
#     - PackageType
#   remediation: Create a code signing configuration with your signing profile and set CodeSigningConfigArn.
#   hygiene: true
#   references:
#     - CKV_AWS_272
package plumbline.aws.lambda.code_signing

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	lib.value(input.resource, ["PackageType"], "Zip") != "Image"
	lib.value(input.resource, ["CodeSigningConfigArn"], "") in {"", null}
	violation := {
		"message": sprintf("Function %s accepts unsigned code", [input.resource.Name]),
		"path": "CodeSigningConfigArn",
		"facts": {"CodeSigningConfigArn": null},
	}
}
