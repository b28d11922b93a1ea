# METADATA
# title: AWS's administrator policies are attached to nobody
# description: AdministratorAccess and IAMFullAccess give everything, at once or in a second step.
#   PL-IAM-001 tells of every administrator; this one of those that AWS wrote.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-IAM-041
#   control: iam-administrator-access
#   severity: high
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#   reads:
#     - ManagedPolicyArns
#   remediation: Attach a policy that names the actions and resources that are used.
#   hygiene: true
#   references: []
package plumbline.aws.iam.administrator_access

import data.plumbline.lib.iam

deny contains violation if {
	some attached in iam.admin_arns(input.resource)
	violation := {
		"message": sprintf("%s has the AWS managed policy %s", [input.resource.Name, attached.arn]),
		"path": attached.path,
		"facts": {"policy": attached.arn},
	}
}
