# METADATA
# title: Caches are encrypted at rest
# description: Backups and what is written to disk lie in the clear otherwise.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
# custom:
#   check_id: PL-ELASTICACHE-001
#   control: elasticache-encryption
#   severity: medium
#   resource_types:
#     - AWS::ElastiCache::ReplicationGroup
#   reads:
#     - AtRestEncryptionEnabled
#   remediation: Set AtRestEncryptionEnabled to true.
#   hygiene: false
#   references: []
package plumbline.aws.elasticache.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["AtRestEncryptionEnabled"])
	violation := {
		"message": sprintf("Cache %s is not encrypted at rest", [input.resource.Name]),
		"path": "AtRestEncryptionEnabled",
		"facts": {"AtRestEncryptionEnabled": false},
	}
}
