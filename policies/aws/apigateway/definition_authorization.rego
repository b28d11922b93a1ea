# METADATA
# title: Operations that OpenAPI documents define authorize their callers
# description: An API that is written in OpenAPI, as SAM writes it, says under `security` who may call
#   each operation. One that says nothing can be called by anyone who can reach the API. Preflight
#   requests (OPTIONS), private APIs and APIs whose resource policy limits callers are left out.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
#   - https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-controlling-access-to-apis.html
# custom:
#   check_id: PL-APIGATEWAY-034
#   control: apigateway-definition-authorizer
#   severity: high
#   resource_types:
#     - AWS::ApiGateway::RestApi
#     - AWS::ApiGatewayV2::Api
#   reads:
#     - Body!
#     - Policy
#     - EndpointConfiguration.Types
#   remediation: Give the operations, or the document, a security requirement; in SAM, set Auth with a DefaultAuthorizer.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.definition_authorization

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	document := input.resource.Properties.Body
	open := sort([sprintf("%s %s", [verb, path]) |
		some path, item in document.paths
		is_object(item)
		some method, verb in verbs
		operation := object.get(item, method, null)
		is_object(operation)
		not lib.unknown(operation)
		not secured(operation, object.get(document, "security", []))
	])
	open != []
	not protected
	violation := {
		"message": sprintf("API %s lets anyone call %s", [input.resource.Name, concat(", ", open)]),
		"path": "Body",
		"facts": {"operations": open},
	}
}

verbs := {
	"delete": "DELETE",
	"get": "GET",
	"head": "HEAD",
	"patch": "PATCH",
	"post": "POST",
	"put": "PUT",
	"x-amazon-apigateway-any-method": "ANY",
}

secured(operation, _) if {
	auth := object.get(operation, "x-amazon-apigateway-auth", {})
	not upper(object.get(auth, "type", "NONE")) == "NONE"
}

secured(operation, everywhere) if lib.doubtful(object.get(operation, "security", everywhere))

# An empty requirement among others makes all of them optional.
secured(operation, everywhere) if {
	asked := [scheme |
		some requirement in lib.as_array(object.get(operation, "security", everywhere))
		is_object(requirement)
		some scheme, _ in requirement
		scheme != "NONE"
	]
	asked != []
	not {} in lib.as_array(object.get(operation, "security", everywhere))
}

protected if "PRIVATE" in lib.as_array(input.resource.Properties.EndpointConfiguration.Types)

protected if lib.doubtful(object.get(input.resource.Properties, "EndpointConfiguration", {}))

# The API's policy stands beside the document or, as SAM writes it, in it.
limits := [policy |
	some policy in [
		object.get(input.resource.Properties, "Policy", null),
		object.get(input.resource.Properties.Body, "x-amazon-apigateway-policy", null),
	]
	policy != null
]

protected if {
	some policy in limits
	lib.unknown(policy)
}

# A resource policy protects when it admits nobody without a limit.
protected if {
	some policy in limits
	count(iam.statements(policy)) > 0
	count(iam.public(policy)) == 0
}

# An explicit deny limits too, for example to some addresses.
protected if {
	some policy in limits
	some statement in iam.statements(policy)
	statement.Effect == "Deny"
	statement.Condition
}
