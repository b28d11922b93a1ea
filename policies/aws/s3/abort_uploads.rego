# METADATA
# title: Lifecycles end uploads that were never completed
# description: The parts of an upload that failed are invisible in listings, kept, and paid for until
#   they are aborted. Buckets without a lifecycle are another check.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
# custom:
#   check_id: PL-S3-024
#   control: s3-abort-uploads
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - LifecycleConfiguration.Rules
#   remediation: Add an enabled rule for the whole bucket with
#     AbortIncompleteMultipartUpload.DaysAfterInitiation 7.
#   hygiene: true
#   references:
#     - CKV_AWS_300
package plumbline.aws.s3.abort_uploads

import data.plumbline.lib

deny contains violation if {
	rules := lib.value(input.resource, ["LifecycleConfiguration", "Rules"], [])
	count(rules) > 0
	not lib.doubtful(rules)
	not aborts(rules)
	violation := {
		"message": sprintf("Bucket %s keeps the parts of uploads that were never completed", [input.resource.Name]),
		"path": "LifecycleConfiguration.Rules",
		"facts": {"rules": count(rules)},
	}
}

aborts(rules) if {
	some rule in rules
	rule.Status == "Enabled"
	object.get(rule, "Prefix", "") in {"", null}
	rule.AbortIncompleteMultipartUpload.DaysAfterInitiation
}
