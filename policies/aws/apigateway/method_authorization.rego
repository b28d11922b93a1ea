# METADATA
# title: REST API methods authorize their callers
# description: A method with AuthorizationType NONE can be called by anyone who can reach the API. Preflight
#   requests (OPTIONS), methods that need an API key, private APIs and APIs whose resource policy limits
#   callers are left out.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
# custom:
#   check_id: PL-APIGATEWAY-001
#   control: apigateway-authorizer
#   severity: high
#   resource_types:
#     - AWS::ApiGateway::Method
#   reads:
#     - AuthorizationType
#     - ApiKeyRequired
#     - HttpMethod
#     - related.AWS::ApiGateway::RestApi.Policy
#     - related.AWS::ApiGateway::RestApi.EndpointConfiguration
#   remediation: Set AuthorizationType to AWS_IAM, COGNITO_USER_POOLS or CUSTOM with an authorizer.
#   hygiene: false
#   references:
#     - CKV_AWS_59
#     - CKV2_AWS_70
package plumbline.aws.apigateway.method_authorization

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	lib.value(input.resource, ["AuthorizationType"], "NONE") == "NONE"
	lib.value(input.resource, ["HttpMethod"], "") != "OPTIONS"
	lib.off(input.resource, ["ApiKeyRequired"])
	not protected
	violation := {
		"message": sprintf("Method %s lets anyone call: its AuthorizationType is NONE", [input.resource.Name]),
		"path": "AuthorizationType",
		"facts": {"AuthorizationType": "NONE", "HttpMethod": object.get(input.resource.Properties, "HttpMethod", null)},
	}
}

protected if {
	some api in lib.related("AWS::ApiGateway::RestApi")
	"PRIVATE" in lib.as_array(api.Properties.EndpointConfiguration.Types)
}

protected if {
	some api in lib.related("AWS::ApiGateway::RestApi")
	lib.unknown(api.Properties.EndpointConfiguration)
}

# A resource policy protects when it admits nobody without a limit.
protected if {
	some api in lib.related("AWS::ApiGateway::RestApi")
	document := api.Properties.Policy
	count(iam.statements(document)) > 0
	count(iam.public(document)) == 0
}

# An explicit deny limits too, for example to some addresses.
protected if {
	some api in lib.related("AWS::ApiGateway::RestApi")
	some statement in iam.statements(api.Properties.Policy)
	statement.Effect == "Deny"
	statement.Condition
}

protected if {
	some api in lib.related("AWS::ApiGateway::RestApi")
	lib.unknown(api.Properties.Policy)
}

protected if lib.unlisted("AWS::ApiGateway::RestApi")
