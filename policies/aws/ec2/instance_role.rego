# METADATA
# title: Instances get their permissions from a role
# description: Without a role programs on the instance carry access keys, which do not expire and stay in
#   images.
# related_resources:
#   - https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
# custom:
#   check_id: PL-EC2-001
#   control: ec2-instance-role
#   severity: low
#   resource_types:
#     - AWS::EC2::Instance
#   reads:
#     - IamInstanceProfile!
#   remediation: Set IamInstanceProfile.
#   hygiene: true
#   references:
#     - CKV2_AWS_41
package plumbline.aws.ec2.instance_role

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["IamInstanceProfile"], "") in {"", null}
	violation := {
		"message": sprintf("Instance %s has no role", [input.resource.Name]),
		"path": "IamInstanceProfile",
		"facts": {"IamInstanceProfile": null},
	}
}
