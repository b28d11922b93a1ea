# METADATA
# title: Buckets declare server-side encryption
# description: S3 encrypts new objects by itself since January 2023, with keys nobody else can audit
#   or revoke. A bucket that declares its encryption says which key protects it, and keeps saying so
#   when defaults change.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
# custom:
#   check_id: PL-S3-001
#   control: s3-encryption
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - BucketEncryption.ServerSideEncryptionConfiguration!
#   remediation: Set BucketEncryption, with aws:kms and a key of your own for sensitive data.
#   hygiene: false
#   references:
#     - CKV_AWS_19
package plumbline.aws.s3.encryption

import data.plumbline.lib

deny contains violation if {
	rules := lib.value(input.resource, ["BucketEncryption", "ServerSideEncryptionConfiguration"], [])
	is_array(rules)
	not declared(rules)
	violation := {
		"message": sprintf("Bucket %s declares no server-side encryption", [input.resource.Name]),
		"path": "BucketEncryption",
		"facts": {"BucketEncryption": null},
	}
}

# A rule may say something of bucket keys only.
declared(rules) if {
	some rule in rules
	rule.ServerSideEncryptionByDefault
}

declared(rules) if {
	some rule in rules
	lib.unknown(rule)
}
