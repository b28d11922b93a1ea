# METADATA
# title: GraphQL API caches are declared encrypted in transit
# description: Answers travel between the API and its cache. AWS encrypts that for new caches whatever is
#   declared; caches made before do what their declaration says.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/enabling-caching.html
# custom:
#   check_id: PL-APPSYNC-005
#   control: appsync-cache-in-transit
#   severity: medium
#   resource_types:
#     - AWS::AppSync::ApiCache
#   reads:
#     - TransitEncryptionEnabled
#   remediation: Set TransitEncryptionEnabled to true; it can only be set when the cache is made.
#   hygiene: false
#   references:
#     - CKV_AWS_215
package plumbline.aws.appsync.cache_in_transit

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["TransitEncryptionEnabled"])
	violation := {
		"message": sprintf("Cache %s is not declared encrypted in transit", [input.resource.Name]),
		"path": "TransitEncryptionEnabled",
		"facts": {"TransitEncryptionEnabled": false},
	}
}
