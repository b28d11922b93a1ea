# METADATA
# title: REST API stages limit the rate of requests
# description: Without a limit of its own a stage can use up the account's request quota, stopping every
#   other API, and run up the bill of what stands behind it.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
# custom:
#   check_id: PL-APIGATEWAY-006
#   control: apigateway-throttling
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.ThrottlingRateLimit
#     - MethodSettings.HttpMethod
#     - MethodSettings.ResourcePath
#   remediation: Set ThrottlingRateLimit and ThrottlingBurstLimit in MethodSettings.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.throttling

import data.plumbline.lib

deny contains violation if {
	limits := [setting |
		some setting in lib.as_array(object.get(input.resource.Properties, "MethodSettings", []))
		decided(setting)
		for_every_method(setting)
	]
	limits == []
	violation := {
		"message": sprintf("Stage %s has no request limit of its own", [input.resource.Name]),
		"path": "MethodSettings",
		"facts": {"ThrottlingRateLimit": null},
	}
}

decided(setting) if setting.ThrottlingRateLimit > 0

decided(setting) if lib.unknown(setting)

decided(setting) if lib.unknown(setting.ThrottlingRateLimit)

# A limit on one method leaves the others to the account's.
for_every_method(setting) if {
	not named(object.get(setting, "HttpMethod", "*"), {"*"})
	not named(object.get(setting, "ResourcePath", "/*"), {"*", "/*"})
}

named(value, all) if {
	is_string(value)
	not value in all
}
