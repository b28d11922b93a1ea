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
#   compliance:
#     SOC2: [CC7.2]
#     NIST 800-53: [AU-6, SI-4]
#     PCI DSS: [10.4.1]
#     HIPAA: [164.312(b)]
#     ISO 27001: [A.8.16]
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
