# METADATA
# title: GraphQL API caches are declared encrypted at rest
# description: A cache keeps answers, with whatever personal data they hold. AWS encrypts new caches whatever
#   is declared; caches made before do what their declaration says.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/enabling-caching.html
# custom:
#   check_id: PL-APPSYNC-004
#   control: appsync-cache-at-rest
#   severity: medium
#   resource_types:
#     - AWS::AppSync::ApiCache
#   reads:
#     - AtRestEncryptionEnabled
#   remediation: Set AtRestEncryptionEnabled to true; it can only be set when the cache is made.
#   hygiene: false
#   references:
#     - CKV_AWS_214
package plumbline.aws.appsync.cache_at_rest

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["AtRestEncryptionEnabled"])
	violation := {
		"message": sprintf("Cache %s is not declared encrypted at rest", [input.resource.Name]),
		"path": "AtRestEncryptionEnabled",
		"facts": {"AtRestEncryptionEnabled": false},
	}
}
