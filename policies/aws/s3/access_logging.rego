# METADATA
# title: Buckets log access
# description: 'Without access logs nobody can say afterwards who read which object. The buckets that
#   receive logs are left out: they would log their own logging.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
# custom:
#   check_id: PL-S3-005
#   control: s3-access-logging
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - LoggingConfiguration!
#     - related.AWS::S3::Bucket.LoggingConfiguration.DestinationBucketName
#   remediation: Set LoggingConfiguration with a destination bucket, or record data events in CloudTrail.
#   hygiene: true
#   references:
#     - CKV_AWS_18
package plumbline.aws.s3.access_logging

import data.plumbline.lib

deny contains violation if {
	not input.resource.Properties.LoggingConfiguration
	not receives_logs
	violation := {
		"message": sprintf("Bucket %s does not log access", [input.resource.Name]),
		"path": "LoggingConfiguration",
		"facts": {"LoggingConfiguration": null},
	}
}

# A bucket that another one names as the place for its logs, and not the other way round.
receives_logs if {
	some other in lib.related("AWS::S3::Bucket")
	lib.leads_here(other.Properties.LoggingConfiguration.DestinationBucketName)
}

receives_logs if input.resource.Properties.AccessControl == "LogDeliveryWrite"

receives_logs if lib.unlisted("AWS::S3::Bucket")
