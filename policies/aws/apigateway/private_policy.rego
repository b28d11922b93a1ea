# METADATA
# title: Private REST APIs admit named networks only
# description: A private API is reachable from every VPC endpoint for execute-api in the Region, those of
#   other accounts included, unless its resource policy names the VPCs or endpoints.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
# custom:
#   check_id: PL-APIGATEWAY-020
#   control: apigateway-private-policy
#   severity: high
#   resource_types:
#     - AWS::ApiGateway::RestApi
#   reads:
#     - EndpointConfiguration.Types
#     - Policy.Statement.Effect
#     - Policy.Statement.Principal
#     - Policy.Statement.Condition
#   remediation: Add a condition on aws:SourceVpc or aws:SourceVpce to the resource policy, or deny all
#     others.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.private_policy

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	"PRIVATE" in lib.items(input.resource, ["EndpointConfiguration", "Types"])
	some found in iam.public(input.resource.Properties.Policy)
	not refuses_others
	violation := {
		"message": sprintf("Private API %s admits callers of every VPC", [input.resource.Name]),
		"path": sprintf("Policy.Statement.%d", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal")},
	}
}

refuses_others if {
	some statement in iam.statements(input.resource.Properties.Policy)
	statement.Effect == "Deny"
	statement.Condition
}
