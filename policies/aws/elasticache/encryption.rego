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
#   compliance:
#     SOC2: [CC6.1, CC6.7]
#     NIST 800-53: [SC-28]
#     PCI DSS: [3.5.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
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
