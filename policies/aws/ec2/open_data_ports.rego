# METADATA
# title: Security groups do not open databases to everyone
# description: A database that everyone can reach is one password, or one hole, from being read.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
# custom:
#   check_id: PL-VPC-002
#   control: security-group-data-ports
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
package plumbline.aws.ec2.open_data_ports

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
	"DocumentDB and MongoDB": 27017,
	"Memcached": 11211,
	"MySQL and Aurora": 3306,
	"Neptune": 8182,
	"OpenSearch": 9200,
	"Oracle": 1521,
	"PostgreSQL": 5432,
	"Redis and Valkey": 6379,
	"Redshift": 5439,
	"SQL Server": 1433,
}
