# METADATA
# title: Search domains are encrypted at rest
# description: Indices, logs and snapshots lie in the clear otherwise.
# related_resources:
#   - https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html
# custom:
#   check_id: PL-OPENSEARCH-001
#   control: opensearch-encryption
#   severity: medium
#   resource_types:
#     - AWS::OpenSearchService::Domain
#   reads:
#     - EncryptionAtRestOptions.Enabled
#   remediation: Set EncryptionAtRestOptions.Enabled to true.
#   hygiene: false
#   references: []
package plumbline.aws.opensearch.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["EncryptionAtRestOptions", "Enabled"])
	violation := {
		"message": sprintf("Domain %s is not encrypted at rest", [input.resource.Name]),
		"path": "EncryptionAtRestOptions.Enabled",
		"facts": {"Enabled": false},
	}
}
