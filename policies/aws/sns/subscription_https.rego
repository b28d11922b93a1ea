# METADATA
# title: Subscriptions deliver over HTTPS
# description: A subscription of protocol http sends every message in the clear across the internet.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
# custom:
#   check_id: PL-SNS-006
#   control: sns-subscription-https
#   severity: medium
#   resource_types:
#     - AWS::SNS::Subscription
#     - AWS::SNS::Topic
#   reads:
#     - Protocol
#     - Subscription.Protocol
#   remediation: Use an https endpoint.
#   hygiene: false
#   references: []
package plumbline.aws.sns.subscription_https

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Protocol"], "") == "http"
	violation := {
		"message": sprintf("Subscription %s delivers over plain HTTP", [input.resource.Name]),
		"path": "Protocol",
		"facts": {"Protocol": "http"},
	}
}

deny contains violation if {
	some i, subscription in lib.items(input.resource, ["Subscription"])
	subscription.Protocol == "http"
	violation := {
		"message": sprintf("Topic %s delivers to a subscriber over plain HTTP", [input.resource.Name]),
		"path": sprintf("Subscription.%d.Protocol", [i]),
		"facts": {"Protocol": "http"},
	}
}
