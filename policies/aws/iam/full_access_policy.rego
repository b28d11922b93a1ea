# METADATA
# title: AWS's full access policies are attached to nobody
# description: PowerUserAccess and the policies whose name ends in FullAccess allow everything with every
#   resource of a service. Administrator access has a check of its own.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
# custom:
#   check_id: PL-IAM-031
#   control: iam-full-access-policy
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#   reads:
#     - ManagedPolicyArns
#   remediation: Write a policy that names the actions and resources that are used.
#   hygiene: false
#   references: []
package plumbline.aws.iam.full_access_policy

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some i, arn in lib.items(input.resource, ["ManagedPolicyArns"])
	contains(arn, ":iam::aws:policy/")
	name := regex.replace(arn, `^.*/`, "")
	grants_all(name)
	not name in iam.admin_policies
	violation := {
		"message": sprintf("%s has the AWS managed policy %s", [input.resource.Name, name]),
		"path": sprintf("ManagedPolicyArns.%d", [i]),
		"facts": {"policy": arn},
	}
}

grants_all(name) if endswith(name, "FullAccess")

grants_all(name) if name == "PowerUserAccess"
