# METADATA
# title: Security groups limit what may be reached
# description: Code that was taken over sends data out, and fetches what comes next, through whatever
#   egress is open.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
# custom:
#   check_id: PL-VPC-004
#   control: security-group-egress
#   severity: low
#   resource_types:
#     - AWS::EC2::SecurityGroup
#     - AWS::EC2::SecurityGroupEgress
#   reads:
#     - SecurityGroupEgress.CidrIp
#     - SecurityGroupEgress.IpProtocol
#     - CidrIp
#     - IpProtocol
#   remediation: Allow HTTPS to the prefix lists and groups that are needed, and nothing else.
#   hygiene: true
#   references: []
package plumbline.aws.ec2.open_egress

import data.plumbline.lib.network

deny contains violation if {
	some i, rule in input.resource.Properties.SecurityGroupEgress
	anywhere(rule)
	violation := {
		"message": sprintf("Security group %s lets everything out to everywhere", [input.resource.Name]),
		"path": sprintf("SecurityGroupEgress.%d", [i]),
		"facts": {"IpProtocol": rule.IpProtocol},
	}
}

deny contains violation if {
	input.resource.Type == "AWS::EC2::SecurityGroupEgress"
	anywhere(input.resource.Properties)
	violation := {
		"message": sprintf("Egress rule %s lets everything out to everywhere", [input.resource.Name]),
		"path": "CidrIp",
		"facts": {"IpProtocol": input.resource.Properties.IpProtocol},
	}
}

anywhere(rule) if {
	network.everyone(rule)
	network.every_protocol(rule)
}
