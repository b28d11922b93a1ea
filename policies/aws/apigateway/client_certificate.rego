# METADATA
# title: API stages prove themselves to their back ends by a certificate
# description: A back end that is reachable over HTTP cannot tell requests of the API from others unless
#   the stage shows a client certificate. HTTP APIs cannot show one and are left out.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html
# custom:
#   check_id: PL-APIGATEWAY-016
#   control: apigateway-client-certificate
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Stage
#     - AWS::ApiGatewayV2::Stage
#   reads:
#     - ClientCertificateId
#     - related.AWS::ApiGatewayV2::Api.ProtocolType
#   remediation: Create an AWS::ApiGateway::ClientCertificate, set ClientCertificateId and have the back
#     end check it.
#   hygiene: true
#   references:
#     - CKV2_AWS_51
package plumbline.aws.apigateway.client_certificate

import data.plumbline.lib

deny contains violation if {
	input.resource.Type == "AWS::ApiGateway::Stage"
	lib.value(input.resource, ["ClientCertificateId"], "") in {"", null}
	violation := {
		"message": sprintf("Stage %s shows no client certificate to its back ends", [input.resource.Name]),
		"path": "ClientCertificateId",
		"facts": {"ClientCertificateId": null},
	}
}

deny contains violation if {
	input.resource.Type == "AWS::ApiGatewayV2::Stage"
	some api in lib.related("AWS::ApiGatewayV2::Api")
	api.Properties.ProtocolType == "WEBSOCKET"
	lib.value(input.resource, ["ClientCertificateId"], "") in {"", null}
	violation := {
		"message": sprintf("WebSocket stage %s shows no client certificate to its back ends", [input.resource.Name]),
		"path": "ClientCertificateId",
		"facts": {"ClientCertificateId": null},
	}
}
