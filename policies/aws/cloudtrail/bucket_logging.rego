# METADATA
# title: The buckets of trails log access
# description: Who read or removed log files is the one thing the log files themselves do not say.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
# custom:
#   check_id: PL-CLOUDTRAIL-010
#   control: cloudtrail-bucket-logging
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - related.AWS::S3::Bucket.LoggingConfiguration!
#   remediation: Set LoggingConfiguration on the bucket of the trail, with another bucket as its
#     destination.
#   hygiene: true
#   references: []
package plumbline.aws.cloudtrail.bucket_logging

import data.plumbline.lib

deny contains violation if {
	some bucket in lib.related("AWS::S3::Bucket")
	lib.absent(bucket, ["LoggingConfiguration"])
	violation := {
		"message": sprintf("Trail %s writes to bucket %s, which does not log access", [input.resource.Name, bucket.Name]),
		"path": "S3BucketName",
		"facts": {"bucket": bucket.uid},
	}
}
