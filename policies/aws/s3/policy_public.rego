# METADATA
# title: Bucket policies do not admit everyone
# description: A bucket policy that admits everyone without a condition makes objects public wherever
#   the public access block does not stop it.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-003
#   control: s3-policy-public
#   severity: critical
#   resource_types:
#     - AWS::S3::BucketPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:PrincipalOrgID or aws:SourceVpce; serve
#     public files through CloudFront.
#   hygiene: false
#   references:
#     - CKV_AWS_70
package plumbline.aws.s3.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public_to_all(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Bucket policy %s admits everyone", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": found.statement.Principal, "Action": object.get(found.statement, "Action", null)},
	}
}
