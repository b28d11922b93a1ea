# METADATA
# title: Buckets that use KMS use a bucket key
# description: Without a bucket key S3 asks KMS for every object, and each request is paid for; with
#   one the requests fall by up to 99 %. Encryption in two layers has no bucket keys.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
# custom:
#   check_id: PL-S3-017
#   control: s3-bucket-key
#   severity: info
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - BucketEncryption.ServerSideEncryptionConfiguration
#   remediation: Set BucketKeyEnabled to true beside the KMS default.
#   hygiene: true
#   references: []
package plumbline.aws.s3.bucket_key

import data.plumbline.lib

deny contains violation if {
	some i, rule in lib.items(input.resource, ["BucketEncryption", "ServerSideEncryptionConfiguration"])
	rule.ServerSideEncryptionByDefault.SSEAlgorithm == "aws:kms"
	object.get(rule, "BucketKeyEnabled", false) in {false, "false", null}
	violation := {
		"message": sprintf("Bucket %s asks KMS for every object", [input.resource.Name]),
		"path": sprintf("BucketEncryption.ServerSideEncryptionConfiguration.%d.BucketKeyEnabled", [i]),
		"facts": {"BucketKeyEnabled": false},
	}
}
