# METADATA
# title: GraphQL APIs do not admit API keys beside stronger authorization
# description: Every field without a directive of its own accepts the API's main authorization only, but
#   one that is marked for API keys is open to every holder of a key, which ships in pages and apps.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
# custom:
#   check_id: PL-APPSYNC-010
#   control: appsync-additional-api-key
#   severity: medium
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - AuthenticationType
#     - AdditionalAuthenticationProviders.AuthenticationType
#   remediation: Remove the API_KEY provider, or keep it for fields that are public on purpose and accept
#     the risk.
#   hygiene: false
#   references: []
package plumbline.aws.appsync.additional_api_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AuthenticationType"], "API_KEY") != "API_KEY"
	some i, provider in lib.items(input.resource, ["AdditionalAuthenticationProviders"])
	provider.AuthenticationType == "API_KEY"
	violation := {
		"message": sprintf("GraphQL API %s admits API keys as well", [input.resource.Name]),
		"path": sprintf("AdditionalAuthenticationProviders.%d", [i]),
		"facts": {"AuthenticationType": "API_KEY"},
	}
}
