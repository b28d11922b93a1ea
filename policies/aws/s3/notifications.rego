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
#   compliance:
#     SOC2: [CC7.2]
#     NIST 800-53: [AU-6, SI-4]
#     PCI DSS: [10.4.1]
#     HIPAA: [164.312(b)]
#     ISO 27001: [A.8.16]
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
