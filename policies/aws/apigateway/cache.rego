# METADATA
# title: REST API stages have a cache
# description: A cache answers repeated requests without calling what stands behind the API. It costs by
#   the hour, so this is for APIs that are read often.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
# custom:
#   check_id: PL-APIGATEWAY-014
#   control: apigateway-cache
#   severity: info
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - CacheClusterEnabled
#   remediation: Set CacheClusterEnabled and CacheClusterSize, and CachingEnabled for the methods that are
#     read often.
#   hygiene: true
#   references:
#     - CKV_AWS_120
package plumbline.aws.apigateway.cache

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["CacheClusterEnabled"])
	violation := {
		"message": sprintf("Stage %s has no cache", [input.resource.Name]),
		"path": "CacheClusterEnabled",
		"facts": {"CacheClusterEnabled": false},
	}
}
