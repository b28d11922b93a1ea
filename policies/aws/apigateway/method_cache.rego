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
	caching := [setting | some setting in settings; decided(setting)]
	caching == []
	spoken_of(settings)
	violation := {
		"message": sprintf("Stage %s has no method that answers from the cache", [input.resource.Name]),
		"path": "MethodSettings",
		"facts": {"CachingEnabled": false},
	}
}

# The cache is paid for, or there are settings that could turn it on.
spoken_of(settings) if count(settings) > 0

spoken_of(_) if lib.is_true(lib.value(input.resource, ["CacheClusterEnabled"], false))

decided(setting) if lib.is_true(setting.CachingEnabled)

decided(setting) if lib.unknown(setting)

decided(setting) if lib.unknown(setting.CachingEnabled)
