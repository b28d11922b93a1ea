# METADATA
# title: GraphQL APIs authorize callers with more than an API key
# description: An API key is one secret shared by every client, shipped in pages and apps, and says
#   nothing of who calls.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
# custom:
#   check_id: PL-APPSYNC-002
#   control: appsync-authorization
#   severity: high
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - AuthenticationType
#   remediation: Set AuthenticationType to AMAZON_COGNITO_USER_POOLS, AWS_IAM, OPENID_CONNECT or AWS_LAMBDA.
#   hygiene: false
#   references: []
package plumbline.aws.appsync.authorization

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AuthenticationType"], "") == "API_KEY"
	violation := {
		"message": sprintf("GraphQL API %s lets anyone with its API key call", [input.resource.Name]),
		"path": "AuthenticationType",
		"facts": {"AuthenticationType": "API_KEY"},
	}
}
