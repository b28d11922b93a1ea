# METADATA
# title: REST API methods validate their requests
# description: A request validator refuses requests without the parameters or the body that the model describes
#   before they reach, and are paid for by, the back end. Preflight requests (OPTIONS) are left out.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
# custom:
#   check_id: PL-APIGATEWAY-017
#   control: apigateway-request-validation
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Method
#   reads:
#     - HttpMethod
#     - RequestValidatorId!
#   remediation: Create an AWS::ApiGateway::RequestValidator and set RequestValidatorId.
#   hygiene: true
#   references:
#     - CKV2_AWS_53
package plumbline.aws.apigateway.request_validation

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["HttpMethod"], "") != "OPTIONS"
	lib.value(input.resource, ["RequestValidatorId"], "") in {"", null}
	violation := {
		"message": sprintf("Method %s passes every request on, valid or not", [input.resource.Name]),
		"path": "RequestValidatorId",
		"facts": {"RequestValidatorId": null},
	}
}
