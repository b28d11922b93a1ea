# METADATA
# title: Functions run inside a VPC unless tagged for bypass
# description: A function outside a VPC reaches the internet without passing any network control of
#   yours. Where that is meant, the function carries the tag `<tag_prefix>vpc-bypass`.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
# custom:
#   check_id: PL-LAMBDA-001
#   control: lambda-in-vpc
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - VpcConfig.SubnetIds!
#   remediation: 'Give the function subnets and security groups in VpcConfig, or tag it `<tag_prefix>vpc-bypass:
#     true`.'
#   hygiene: false
#   references:
#     - CKV_AWS_117
package plumbline.aws.lambda.vpc

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["VpcConfig", "SubnetIds"], []) == []
	not bypassed
	not lib.tags_unknown(input.resource)
	violation := {
		"message": sprintf("Function %s runs outside a VPC", [input.resource.Name]),
		"path": "VpcConfig",
		"facts": {"bypass_tag": bypass_tag},
	}
}

bypass_tag := sprintf("%svpc-bypass", [input.settings.tag_prefix])

# The tag counts unless it says no: "false" is how people switch things off.
bypassed if {
	some key, answer in input.resource.Tags
	lower(key) == lower(bypass_tag)
	not lower(answer) in {"false", "no", "0"}
}
