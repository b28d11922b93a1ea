# METADATA
# title: Usage plans limit their callers
# description: A plan without throttle and quota lets each key use up the account's request quota.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
# custom:
#   check_id: PL-APIGATEWAY-026
#   control: apigateway-usage-plan-limit
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::UsagePlan
#   reads:
#     - Throttle
#     - Quota
#   remediation: Set Throttle with RateLimit and BurstLimit, or a Quota.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.usage_plan

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Throttle"], {}) in [{}, null]
	lib.value(input.resource, ["Quota"], {}) in [{}, null]
	violation := {
		"message": sprintf("Usage plan %s sets its callers no limit", [input.resource.Name]),
		"path": "Throttle",
		"facts": {"Throttle": null, "Quota": null},
	}
}
