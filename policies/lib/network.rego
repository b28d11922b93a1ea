# Reads the rules of security groups: who may come in, and by which port.
#
# Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
package plumbline.lib.network

import data.plumbline.lib

# The rules that let everyone in, with their paths: of a group, or a rule that is a resource itself.
open_rules := array.concat(
	[{"path": sprintf("SecurityGroupIngress.%d", [i]), "rule": rule} |
		some i, rule in input.resource.Properties.SecurityGroupIngress
		everyone(rule)
	],
	[{"path": "CidrIp", "rule": input.resource.Properties} |
		input.resource.Type == "AWS::EC2::SecurityGroupIngress"
		everyone(input.resource.Properties)
	],
)

everyone(rule) if rule.CidrIp == "0.0.0.0/0"

everyone(rule) if rule.CidrIpv6 in {"::/0", "0:0:0:0:0:0:0:0/0"}

every_protocol(rule) if rule.IpProtocol in {"-1", "all", -1}

# Whether a rule takes in a TCP port.
admits(rule, _) if every_protocol(rule)

admits(rule, port) if {
	rule.IpProtocol in {"tcp", "6", 6}
	number(rule.FromPort) <= port
	number(rule.ToPort) >= port
}

number(x) := x if is_number(x)

number(x) := to_number(x) if {
	is_string(x)
	regex.match(`^-?[0-9]+$`, x)
}

known(rule) if not lib.doubtful([object.get(rule, "IpProtocol", ""), object.get(rule, "FromPort", ""), object.get(rule, "ToPort", "")])
