# METADATA
# title: REST API methods do not rely on API keys alone
# description: An API key counts requests and says nothing of who sends them; AWS advises against using
#   keys for authorization.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
# custom:
#   check_id: PL-APIGATEWAY-027
#   control: apigateway-api-key-only
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::Method
#   reads:
#     - AuthorizationType
#     - ApiKeyRequired
#     - HttpMethod
#   remediation: Keep the key for the usage plan and set AuthorizationType to AWS_IAM, COGNITO_USER_POOLS
#     or CUSTOM.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.api_key_only

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["ApiKeyRequired"], false))
	lib.value(input.resource, ["AuthorizationType"], "NONE") == "NONE"
	lib.value(input.resource, ["HttpMethod"], "") != "OPTIONS"
	violation := {
		"message": sprintf("Method %s lets anyone with an API key call", [input.resource.Name]),
		"path": "AuthorizationType",
		"facts": {"AuthorizationType": "NONE", "ApiKeyRequired": true},
	}
}
