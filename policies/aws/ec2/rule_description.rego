# METADATA
# title: Rules of security groups say what they are for
# description: Nobody dares to remove a rule of which nobody knows why it is there.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
# custom:
#   check_id: PL-VPC-005
#   control: security-group-description
#   severity: info
#   resource_types:
#     - AWS::EC2::SecurityGroup
#     - AWS::EC2::SecurityGroupIngress
#     - AWS::EC2::SecurityGroupEgress
#   reads:
#     - SecurityGroupIngress.Description!
#     - SecurityGroupEgress.Description!
#     - Description
#   remediation: Set Description on each rule.
#   hygiene: true
#   references: []
package plumbline.aws.ec2.rule_description

deny contains violation if {
	some side in ["SecurityGroupEgress", "SecurityGroupIngress"]
	some i, rule in input.resource.Properties[side]
	is_object(rule)
	not rule["Fn::Unknown"]
	object.get(rule, "Description", "") in {"", null}
	violation := {
		"message": sprintf("Security group %s has rules that do not say what they are for", [input.resource.Name]),
		"path": sprintf("%s.%d.Description", [side, i]),
		"facts": {"Description": null},
	}
}

deny contains violation if {
	input.resource.Type in {"AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress"}
	object.get(input.resource.Properties, "Description", "") in {"", null}
	violation := {
		"message": sprintf("Rule %s does not say what it is for", [input.resource.Name]),
		"path": "Description",
		"facts": {"Description": null},
	}
}
