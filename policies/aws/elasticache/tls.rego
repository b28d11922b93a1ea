# METADATA
# title: Caches are reached over TLS
# description: Sessions and tokens travel in the clear between functions and the cache, and no
#   password can be set.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
# custom:
#   check_id: PL-ELASTICACHE-002
#   control: elasticache-tls
#   severity: medium
#   resource_types:
#     - AWS::ElastiCache::ReplicationGroup
#   reads:
#     - TransitEncryptionEnabled
#   remediation: Set TransitEncryptionEnabled to true.
#   hygiene: false
#   references: []
package plumbline.aws.elasticache.tls

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["TransitEncryptionEnabled"])
	violation := {
		"message": sprintf("Cache %s is reached without TLS", [input.resource.Name]),
		"path": "TransitEncryptionEnabled",
		"facts": {"TransitEncryptionEnabled": false},
	}
}
