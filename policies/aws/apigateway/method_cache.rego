# METADATA
# title: REST API method settings turn caching on
# description: A stage's cache costs by the hour and does nothing for methods whose settings do not enable
#   caching.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
# custom:
#   check_id: PL-APIGATEWAY-015
#   control: apigateway-method-cache
#   severity: info
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.CachingEnabled
#   remediation: Set CachingEnabled to true for the methods that are read often, with CacheDataEncrypted.
#   hygiene: true
#   references:
#     - CKV_AWS_225
package plumbline.aws.apigateway.method_cache

import data.plumbline.lib

deny contains violation if {
	settings := lib.as_array(object.get(input.resource.Properties, "MethodSettings", []))
	expected(settings)
	caching := [setting | some setting in settings; decided(setting)]
	caching == []
	violation := {
		"message": sprintf("Stage %s has no method that answers from the cache", [input.resource.Name]),
		"path": "MethodSettings",
		"facts": {"CachingEnabled": false},
	}
}

# Caching is spoken of: the cache is paid for, or the settings turn it off.
expected(_) if lib.is_true(lib.value(input.resource, ["CacheClusterEnabled"], false))

expected(settings) if {
	some setting in settings
	setting.CachingEnabled in {false, "false", "False"}
}

decided(setting) if lib.is_true(setting.CachingEnabled)

decided(setting) if lib.unknown(setting)

decided(setting) if lib.unknown(setting.CachingEnabled)
