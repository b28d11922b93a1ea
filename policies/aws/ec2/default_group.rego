# METADATA
# title: Default security groups let nothing through
# description: What is started without a group gets the VPC's default one; its rules then apply to things
#   nobody meant.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
# custom:
#   check_id: PL-VPC-009
#   control: security-group-default
#   severity: medium
#   resource_types:
#     - AWS::EC2::SecurityGroup
#   reads:
#     - GroupName
#     - SecurityGroupIngress
#     - SecurityGroupEgress
#   remediation: Remove every rule of the group, and give resources groups of their own.
#   hygiene: false
#   references: []
package plumbline.aws.ec2.default_group

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["GroupName"], "") == "default"
	rules := array.concat(lib.items(input.resource, ["SecurityGroupIngress"]), lib.items(input.resource, ["SecurityGroupEgress"]))
	count(rules) > 0
	violation := {
		"message": sprintf("The default security group %s has rules", [input.resource.Name]),
		"path": "GroupName",
		"facts": {"rules": count(rules)},
	}
}
