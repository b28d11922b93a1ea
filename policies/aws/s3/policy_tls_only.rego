# METADATA
# title: Bucket policies deny requests without TLS
# description: Seen from the policy, whose bucket may be declared elsewhere; PL-S3-006 tells of
#   buckets, those without a policy included.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
# custom:
#   check_id: PL-S3-033
#   control: s3-policy-tls-only
#   severity: low
#   resource_types:
#     - AWS::S3::BucketPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Add a Deny for principal * with the condition aws:SecureTransport false.
#   hygiene: true
#   references: []
package plumbline.aws.s3.policy_tls_only

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	document := object.get(input.resource.Properties, "PolicyDocument", null)
	not lib.doubtful(document)
	not iam.tls_only(document)
	violation := {
		"message": sprintf("Bucket policy %s lets requests without TLS through", [input.resource.Name]),
		"path": "PolicyDocument",
		"facts": {"statements": count(iam.statements(document))},
	}
}
