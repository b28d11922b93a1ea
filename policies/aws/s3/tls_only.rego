# METADATA
# title: Buckets refuse requests without TLS
# description: S3 answers plain HTTP unless the bucket's policy denies it.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
# custom:
#   check_id: PL-S3-006
#   control: s3-tls-only
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - related.AWS::S3::BucketPolicy.PolicyDocument.Statement.Effect
#     - related.AWS::S3::BucketPolicy.PolicyDocument.Statement.Principal
#     - related.AWS::S3::BucketPolicy.PolicyDocument.Statement.Condition
#   remediation: Add a Deny for principal * with the condition aws:SecureTransport false.
#   hygiene: false
#   references:
#     - CKV_AWS_379
package plumbline.aws.s3.tls_only

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	not refused
	violation := {
		"message": sprintf("Bucket %s accepts requests without TLS", [input.resource.Name]),
		"path": "BucketPolicy",
		"facts": {"policies": count(lib.related("AWS::S3::BucketPolicy"))},
	}
}

refused if {
	some policy in lib.related("AWS::S3::BucketPolicy")
	iam.tls_only(policy.Properties.PolicyDocument)
}

# What is not known may well refuse: the verdict is then unknown.
refused if lib.unlisted("AWS::S3::BucketPolicy")

refused if {
	some policy in lib.related("AWS::S3::BucketPolicy")
	lib.doubtful(policy.Properties.PolicyDocument)
}

refused if {
	some policy in lib.related("AWS::S3::BucketPolicy")
	some statement in iam.statements(policy.Properties.PolicyDocument)
	statement.Effect == "Deny"
	lib.doubtful(statement.Condition)
}
