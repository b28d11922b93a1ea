# METADATA
# title: Buckets have a lifecycle
# description: 'Without a lifecycle nothing is ever deleted or moved to a cheaper class: data outlives
#   its purpose, and is paid for.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
# custom:
#   check_id: PL-S3-023
#   control: s3-lifecycle
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - LifecycleConfiguration.Rules!
#     - LifecycleConfiguration.Rules.Status
#   remediation: Set LifecycleConfiguration with rules for how long objects and old versions are kept.
#   hygiene: true
#   references:
#     - CKV2_AWS_61
package plumbline.aws.s3.lifecycle

import data.plumbline.lib

deny contains violation if {
	not managed
	lib.known_at(input.resource, [["LifecycleConfiguration", "Rules"]])
	violation := {
		"message": sprintf("Bucket %s keeps everything for ever", [input.resource.Name]),
		"path": "LifecycleConfiguration",
		"facts": {"LifecycleConfiguration": null},
	}
}

managed if {
	some rule in input.resource.Properties.LifecycleConfiguration.Rules
	rule.Status != "Disabled"
}
