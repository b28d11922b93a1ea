# METADATA
# title: REST API method settings encrypt what may be cached
# description: Caching may be switched on later, in the console too; encryption that is set before
#   then holds from the first answer.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
# custom:
#   check_id: PL-APIGATEWAY-031
#   control: apigateway-cached-data-encryption
#   severity: info
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.CacheDataEncrypted
#   remediation: Set CacheDataEncrypted to true in every method setting.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.cached_data_encryption

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["MethodSettings"], []) in {[], null}
	violation := {
		"message": sprintf("Stage %s has no method settings that would encrypt a cache", [input.resource.Name]),
		"path": "MethodSettings",
		"facts": {"MethodSettings": null},
	}
}

deny contains violation if {
	some i, setting in lib.items(input.resource, ["MethodSettings"])
	object.get(setting, "CacheDataEncrypted", false) in {false, "false", null}
	violation := {
		"message": sprintf("Stage %s would cache answers unencrypted", [input.resource.Name]),
		"path": sprintf("MethodSettings.%d.CacheDataEncrypted", [i]),
		"facts": {"CacheDataEncrypted": false},
	}
}
