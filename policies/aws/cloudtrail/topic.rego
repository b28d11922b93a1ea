# METADATA
# title: Trails tell when log files arrive
# description: A topic lets a tool look at log files as soon as they arrive.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
# custom:
#   check_id: PL-CLOUDTRAIL-005
#   control: cloudtrail-topic
#   severity: info
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - SnsTopicName
#   remediation: Set SnsTopicName; EventBridge is quicker for single events.
#   hygiene: true
#   references:
#     - CKV_AWS_252
package plumbline.aws.cloudtrail.topic

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["SnsTopicName"], "") in {"", null}
	violation := {
		"message": sprintf("Trail %s tells nobody of its log files", [input.resource.Name]),
		"path": "SnsTopicName",
		"facts": {"SnsTopicName": null},
	}
}
