# METADATA
# title: IAM policies limit S3 to named buckets or actions
# description: Every action on every bucket reads, overwrites and deletes all that the account
#   stores.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-iam.html
# custom:
#   check_id: PL-IAM-042
#   control: iam-s3-unrestricted
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#     - AWS::IAM::ManagedPolicy
#     - AWS::IAM::Policy
#     - AWS::IAM::RolePolicy
#     - AWS::IAM::UserPolicy
#     - AWS::IAM::GroupPolicy
#   reads:
#     - Policies.PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Effect
#     - Policies.PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.Action
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#   remediation: Name the buckets and the actions that are used.
#   hygiene: true
#   references: []
package plumbline.aws.iam.s3_unrestricted

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	some action in iam.actions(allow.statement)
	action in {"*", "*:*", "s3:*"}
	some text in iam.resources(allow.statement)
	regex.match(`^(\*|arn:[^:]+(::[A-Za-z]+\})?:s3:::\*(/\*)?)$`, text)
	violation := {
		"message": sprintf("%s may do everything with every bucket", [input.resource.Name]),
		"path": iam.at(allow),
		"facts": {"Action": action, "Resource": text},
	}
}
