# METADATA
# title: Subscriptions keep messages that cannot be delivered
# description: When a subscriber stays away longer than SNS tries, the message is lost unless a
#   dead-letter queue takes it.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
# custom:
#   check_id: PL-SNS-008
#   control: sns-subscription-dead-letter
#   severity: low
#   resource_types:
#     - AWS::SNS::Subscription
#   reads:
#     - RedrivePolicy!
#   remediation: Set RedrivePolicy with deadLetterTargetArn.
#   hygiene: true
#   references: []
package plumbline.aws.sns.subscription_dead_letter

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["RedrivePolicy"])
	not input.resource.Properties.PendingConfirmation
	violation := {
		"message": sprintf("Subscription %s loses messages that cannot be delivered", [input.resource.Name]),
		"path": "RedrivePolicy",
		"facts": {"RedrivePolicy": null},
	}
}
