# METADATA
# title: Buckets keep versions of their objects
# description: Without versions an overwritten or deleted object is gone, whether by mistake or by ransom.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
# custom:
#   check_id: PL-S3-004
#   control: s3-versioning
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - VersioningConfiguration.Status
#   remediation: Set VersioningConfiguration.Status to Enabled, with a lifecycle rule for old versions.
#   hygiene: false
#   references:
#     - CKV_AWS_21
package plumbline.aws.s3.versioning

import data.plumbline.lib

deny contains violation if {
	status := lib.value(input.resource, ["VersioningConfiguration", "Status"], "Off")
	status != "Enabled"
	violation := {
		"message": sprintf("Bucket %s keeps no versions of its objects", [input.resource.Name]),
		"path": "VersioningConfiguration.Status",
		"facts": {"Status": status},
	}
}
