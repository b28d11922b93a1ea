# METADATA
# title: REST API stages answer from a cache that is encrypted
# description: For those who want every method cached, and what is cached encrypted.
#   PL-APIGATEWAY-004 tells of caches in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
# custom:
#   check_id: PL-APIGATEWAY-030
#   control: apigateway-cached-and-encrypted
#   severity: info
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.CachingEnabled
#     - MethodSettings.CacheDataEncrypted
#   remediation: Set CachingEnabled and CacheDataEncrypted in every method setting.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.cached_and_encrypted

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["MethodSettings"], []) in {[], null}
	violation := {
		"message": sprintf("Stage %s has no method settings, so it caches nothing", [input.resource.Name]),
		"path": "MethodSettings",
		"facts": {"MethodSettings": null},
	}
}

deny contains violation if {
	some i, setting in lib.items(input.resource, ["MethodSettings"])
	some property in ["CacheDataEncrypted", "CachingEnabled"]
	object.get(setting, property, false) in {false, "false", null}
	violation := {
		"message": sprintf("Stage %s does not cache and encrypt in method setting %d", [input.resource.Name, i]),
		"path": sprintf("MethodSettings.%d.%s", [i, property]),
		"facts": {property: false},
	}
}
