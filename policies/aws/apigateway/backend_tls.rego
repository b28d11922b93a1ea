# METADATA
# title: APIs call their back ends over TLS
# description: An HTTP integration without TLS sends on in the clear what callers sent encrypted. Private
#   integrations through a VPC link are left out.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
# custom:
#   check_id: PL-APIGATEWAY-025
#   control: apigateway-backend-tls
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::Method
#     - AWS::ApiGatewayV2::Integration
#   reads:
#     - Integration.Uri
#     - Integration.ConnectionType
#     - IntegrationUri
#     - ConnectionType
#   remediation: Use an https URL.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.backend_tls

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Integration", "ConnectionType"], "INTERNET") != "VPC_LINK"
	uri := lib.value(input.resource, ["Integration", "Uri"], "")
	startswith(lower(uri), "http://")
	violation := {
		"message": sprintf("Method %s calls its back end without TLS", [input.resource.Name]),
		"path": "Integration.Uri",
		"facts": {"Uri": uri},
	}
}

deny contains violation if {
	input.resource.Type == "AWS::ApiGatewayV2::Integration"
	lib.value(input.resource, ["ConnectionType"], "INTERNET") != "VPC_LINK"
	uri := lib.value(input.resource, ["IntegrationUri"], "")
	startswith(lower(uri), "http://")
	violation := {
		"message": sprintf("Integration %s calls its back end without TLS", [input.resource.Name]),
		"path": "IntegrationUri",
		"facts": {"IntegrationUri": uri},
	}
}
