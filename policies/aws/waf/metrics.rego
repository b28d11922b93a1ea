# METADATA
# title: Web ACLs count requests in CloudWatch
# description: Without metrics no alarm can tell of a wave of refused requests.
# related_resources:
#   - https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
# custom:
#   check_id: PL-WAF-005
#   control: waf-metrics
#   severity: low
#   resource_types:
#     - AWS::WAFv2::WebACL
#   reads:
#     - VisibilityConfig.CloudWatchMetricsEnabled
#   remediation: Set VisibilityConfig.CloudWatchMetricsEnabled to true.
#   hygiene: true
#   references: []
package plumbline.aws.waf.metrics

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["VisibilityConfig", "CloudWatchMetricsEnabled"])
	violation := {
		"message": sprintf("Web ACL %s counts nothing in CloudWatch", [input.resource.Name]),
		"path": "VisibilityConfig.CloudWatchMetricsEnabled",
		"facts": {"CloudWatchMetricsEnabled": false},
	}
}
