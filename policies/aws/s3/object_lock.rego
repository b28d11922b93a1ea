# METADATA
# title: Buckets lock their objects
# description: 'A locked object cannot be changed or deleted before its time, by nobody in compliance
#   mode: the strongest protection from ransom. It suits backups and logs.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
# custom:
#   check_id: PL-S3-021
#   control: s3-object-lock
#   severity: info
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - ObjectLockEnabled
#     - ObjectLockConfiguration.ObjectLockEnabled
#   remediation: Set ObjectLockEnabled to true and ObjectLockConfiguration with a default retention.
#   hygiene: true
#   references:
#     - CKV_AWS_143
package plumbline.aws.s3.object_lock

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	lib.off(input.resource, ["ObjectLockEnabled"])
	lib.value(input.resource, ["ObjectLockConfiguration", "ObjectLockEnabled"], "") != "Enabled"
	violation := {
		"message": sprintf("Bucket %s does not lock its objects", [input.resource.Name]),
		"path": "ObjectLockEnabled",
		"facts": {"ObjectLockEnabled": false},
	}
}
