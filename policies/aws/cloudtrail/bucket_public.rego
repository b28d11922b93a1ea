# METADATA
# title: The buckets of trails block public access
# description: 'Log files name users, addresses, resources and mistakes: a map for whoever looks for a
#   way in.'
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
# custom:
#   check_id: PL-CLOUDTRAIL-009
#   control: cloudtrail-bucket-public
#   severity: high
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - related.AWS::S3::Bucket.PublicAccessBlockConfiguration
#     - related.AWS::S3::Bucket.AccessControl
#   remediation: Set all four settings of PublicAccessBlockConfiguration on the bucket of the trail.
#   hygiene: false
#   references: []
package plumbline.aws.cloudtrail.bucket_public

import data.plumbline.lib

deny contains violation if {
	some bucket in lib.related("AWS::S3::Bucket")
	open := [setting | some setting in settings; switched_off(bucket, setting)]
	count(open) > 0
	violation := {
		"message": sprintf("Trail %s writes to bucket %s, which does not block public access", [input.resource.Name, bucket.Name]),
		"path": "S3BucketName",
		"facts": {"bucket": bucket.uid, "off": open},
	}
}

settings := ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]

# A template that says nothing gets the block by default; a live bucket that has none is open.
switched_off(bucket, setting) if {
	bucket.Live
	lib.off(bucket, ["PublicAccessBlockConfiguration", setting])
}

switched_off(bucket, setting) if {
	not bucket.Live
	lib.value(bucket, ["PublicAccessBlockConfiguration", setting], true) in {false, "false", "False"}
}

deny contains violation if {
	some bucket in lib.related("AWS::S3::Bucket")
	acl := lib.value(bucket, ["AccessControl"], "Private")
	acl in {"AuthenticatedRead", "PublicRead", "PublicReadWrite"}
	lib.off(bucket, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Trail %s writes to bucket %s, which has a public ACL", [input.resource.Name, bucket.Name]),
		"path": "S3BucketName",
		"facts": {"bucket": bucket.uid, "AccessControl": acl},
	}
}
