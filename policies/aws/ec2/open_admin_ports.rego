# METADATA
# title: Security groups do not open administration to everyone
# description: SSH and Remote Desktop that everyone can reach are tried within minutes.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
# custom:
#   check_id: PL-VPC-001
#   control: security-group-admin-ports
#   severity: high
#   resource_types:
#     - AWS::EC2::SecurityGroup
#     - AWS::EC2::SecurityGroupIngress
#   reads:
#     - SecurityGroupIngress.CidrIp
#     - SecurityGroupIngress.CidrIpv6
#     - SecurityGroupIngress.IpProtocol
#     - SecurityGroupIngress.FromPort
#     - SecurityGroupIngress.ToPort
#     - CidrIp
#     - CidrIpv6
#     - IpProtocol
#     - FromPort
#     - ToPort
#   remediation: Admit the addresses or security groups that need it; administer through Systems Manager
#     instead.
#   hygiene: false
#   references: []
package plumbline.aws.ec2.open_admin_ports

import data.plumbline.lib.network

deny contains violation if {
	some found in network.open_rules
	network.known(found.rule)
	names := [name | some name, port in ports; network.admits(found.rule, port)]
	count(names) > 0
	violation := {
		"message": sprintf("Security group %s opens %s to everyone", [input.resource.Name, concat(", ", names)]),
		"path": found.path,
		"facts": {"IpProtocol": found.rule.IpProtocol, "FromPort": object.get(found.rule, "FromPort", null), "ToPort": object.get(found.rule, "ToPort", null)},
	}
}

ports := {
	"SSH": 22,
	"Remote Desktop": 3389,
}
