# METADATA
# title: REST API caches are encrypted
# description: A cache keeps answers, with whatever personal data they hold, in the clear unless told
#   to encrypt them.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
# custom:
#   check_id: PL-APIGATEWAY-004
#   control: apigateway-cache-encryption
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.CachingEnabled
#     - MethodSettings.CacheDataEncrypted
#   remediation: Set CacheDataEncrypted to true wherever CachingEnabled is.
#   hygiene: false
#   references:
#     - CKV_AWS_308
package plumbline.aws.apigateway.cache_encryption

import data.plumbline.lib

deny contains violation if {
	not without_cache
	some i, setting in lib.items(input.resource, ["MethodSettings"])
	lib.is_true(setting.CachingEnabled)
	object.get(setting, "CacheDataEncrypted", false) in {false, "false"}
	violation := {
		"message": sprintf("Stage %s caches answers unencrypted", [input.resource.Name]),
		"path": sprintf("MethodSettings.%d.CacheDataEncrypted", [i]),
		"facts": {"HttpMethod": object.get(setting, "HttpMethod", "*"), "ResourcePath": object.get(setting, "ResourcePath", "/*")},
	}
}

# Settings that stand apart from their stage cannot know whether it has a cache: they must fit one.
without_cache if lib.value(input.resource, ["CacheClusterEnabled"], true) in {false, "false"}
