# METADATA
# title: REST API stages stand behind a web firewall
# description: A web firewall turns away floods and known attacks before they reach the code, and is
#   where a rule is added when one starts.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html
# custom:
#   check_id: PL-APIGATEWAY-005
#   control: apigateway-waf
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - WebAclArn
#     - related.AWS::WAFv2::WebACLAssociation
#   remediation: Associate a WAFv2 web ACL with the resource.
#   hygiene: true
#   references:
#     - CKV2_AWS_77
package plumbline.aws.apigateway.waf

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["WebAclArn"], "") in {"", null}
	lib.none_related("AWS::WAFv2::WebACLAssociation")
	violation := {
		"message": sprintf("Stage %s has no web firewall in front of it", [input.resource.Name]),
		"path": "WebAclArn",
		"facts": {"web_acl": null},
	}
}
