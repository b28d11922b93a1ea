# METADATA
# title: Bucket policies do not lock their own account out
# description: A Deny of every action for everyone, without a condition, can be undone by the root
#   user only.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
# custom:
#   check_id: PL-S3-019
#   control: s3-policy-lockout
#   severity: medium
#   resource_types:
#     - AWS::S3::BucketPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.Condition
#   remediation: Deny less, or add a condition that leaves out the administrators, on aws:PrincipalArn
#     for example.
#   hygiene: false
#   references:
#     - CKV_AWS_93
package plumbline.aws.s3.policy_lockout

import data.plumbline.lib.iam

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.PolicyDocument)
	statement.Effect == "Deny"
	not statement.Condition
	everyone(statement)
	some action in iam.actions(statement)
	action in {"*", "s3:*", "s3:putbucketpolicy"}
	violation := {
		"message": sprintf("Bucket policy %s denies everyone everything", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d", [i]),
		"facts": {"Action": object.get(statement, "Action", null)},
	}
}

everyone(statement) if "*" in iam.principals(statement)

everyone(statement) if "*" in iam.aws_principals(statement)
