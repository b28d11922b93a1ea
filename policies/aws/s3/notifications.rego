# METADATA
# title: Buckets tell of changes to their objects
# description: An event for each new or deleted object is what a virus scan or an alarm hangs on.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
# custom:
#   check_id: PL-S3-025
#   control: s3-notifications
#   severity: info
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - NotificationConfiguration!
#   remediation: Set NotificationConfiguration; with EventBridgeConfiguration rules decide who hears of
#     what.
#   hygiene: true
#   references:
#     - CKV2_AWS_62
package plumbline.aws.s3.notifications

deny contains violation if {
	not input.resource.Live
	object.get(input.resource.Properties, "NotificationConfiguration", null) in {null, {}}
	violation := {
		"message": sprintf("Bucket %s tells nobody of changes to its objects", [input.resource.Name]),
		"path": "NotificationConfiguration",
		"facts": {"NotificationConfiguration": null},
	}
}
