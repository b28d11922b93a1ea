# METADATA
# title: The buckets of trails have a private ACL
# description: Who reads the trail knows every name, address and mistake of the account.
#   PL-CLOUDTRAIL-009 asks for more, a block of all public access.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
# custom:
#   check_id: PL-CLOUDTRAIL-012
#   control: cloudtrail-bucket-acl
#   severity: high
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - related.AWS::S3::Bucket.AccessControl
#   remediation: Remove AccessControl from the bucket of the trail.
#   hygiene: false
#   references: []
package plumbline.aws.cloudtrail.bucket_acl

import data.plumbline.lib

deny contains violation if {
	some bucket in lib.related("AWS::S3::Bucket")
	acl := lib.value(bucket, ["AccessControl"], "Private")
	acl in {"AuthenticatedRead", "PublicRead", "PublicReadWrite"}
	violation := {
		"message": sprintf("Trail %s writes to bucket %s, whose ACL is %s", [input.resource.Name, bucket.Name, acl]),
		"path": "S3BucketName",
		"facts": {"bucket": bucket.uid, "AccessControl": acl},
	}
}
