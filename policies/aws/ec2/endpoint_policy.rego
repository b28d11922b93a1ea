# METADATA
# title: VPC endpoints limit what goes through them
# description: 'The default policy of an endpoint lets every principal do everything with every
#   resource, of strangers too: a way out for data that no firewall sees.'
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
# custom:
#   check_id: PL-VPC-006
#   control: vpc-endpoint-policy
#   severity: low
#   resource_types:
#     - AWS::EC2::VPCEndpoint
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Set PolicyDocument with the resources of your own, or a condition on aws:ResourceOrgID.
#   hygiene: true
#   references: []
package plumbline.aws.ec2.endpoint_policy

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	lib.absent(input.resource, ["PolicyDocument"])
	violation := {
		"message": sprintf("Endpoint %s lets everything through", [input.resource.Name]),
		"path": "PolicyDocument",
		"facts": {"PolicyDocument": null},
	}
}

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.PolicyDocument)
	statement.Effect == "Allow"
	iam.everyone(statement)
	"*" in iam.actions(statement)
	iam.every_resource(statement)
	not iam.conditional(statement)
	violation := {
		"message": sprintf("Endpoint %s lets everything through", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d", [i]),
		"facts": {"Action": "*", "Resource": "*"},
	}
}
