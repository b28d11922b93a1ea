# METADATA
# title: API domains require TLS 1.2 or later
# description: TLS 1.0 and 1.1 have known weaknesses and are deprecated by RFC 8996.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html
# custom:
#   check_id: PL-APIGATEWAY-010
#   control: apigateway-tls
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::DomainName
#     - AWS::ApiGatewayV2::DomainName
#   reads:
#     - SecurityPolicy
#     - DomainNameConfigurations.SecurityPolicy
#   remediation: Set SecurityPolicy to TLS_1_2.
#   hygiene: false
#   references:
#     - CKV_AWS_206
package plumbline.aws.apigateway.domain_tls

import data.plumbline.lib

deny contains violation if {
	input.resource.Type == "AWS::ApiGateway::DomainName"
	policy := lib.value(input.resource, ["SecurityPolicy"], "TLS_1_0")
	policy in weak
	violation := weakness(policy, "SecurityPolicy")
}

deny contains violation if {
	input.resource.Type == "AWS::ApiGatewayV2::DomainName"
	some i, configuration in lib.items(input.resource, ["DomainNameConfigurations"])
	policy := object.get(configuration, "SecurityPolicy", "TLS_1_2")
	policy in weak
	violation := weakness(policy, sprintf("DomainNameConfigurations.%d.SecurityPolicy", [i]))
}

weak := {"SSL_3_0", "TLS_1_0", "TLS_1_1"}

weakness(policy, path) := {
	"message": sprintf("Domain %s accepts %s", [input.resource.Name, policy]),
	"path": path,
	"facts": {"SecurityPolicy": policy},
}
