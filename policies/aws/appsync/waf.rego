# METADATA
# title: GraphQL APIs stand behind a web firewall
# description: A web firewall turns away floods and known attacks before they reach the code, and is
#   where a rule is added when one starts.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/WAF-Integration.html
# custom:
#   check_id: PL-APPSYNC-003
#   control: appsync-waf
#   severity: low
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - WebAclArn
#     - related.AWS::WAFv2::WebACLAssociation
#   remediation: Associate a WAFv2 web ACL with the resource.
#   hygiene: true
#   references:
#     - CKV2_AWS_33
#     - CKV2_AWS_78
package plumbline.aws.appsync.waf

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["WebAclArn"], "") in {"", null}
	lib.none_related("AWS::WAFv2::WebACLAssociation")
	violation := {
		"message": sprintf("GraphQL API %s has no web firewall in front of it", [input.resource.Name]),
		"path": "WebAclArn",
		"facts": {"web_acl": null},
	}
}
