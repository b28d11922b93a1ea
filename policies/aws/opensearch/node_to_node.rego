# METADATA
# title: Search domains encrypt traffic between nodes
# description: Without it nodes send each other documents in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ntn.html
# custom:
#   check_id: PL-OPENSEARCH-003
#   control: opensearch-node-to-node
#   severity: low
#   resource_types:
#     - AWS::OpenSearchService::Domain
#   reads:
#     - NodeToNodeEncryptionOptions.Enabled
#   remediation: Set NodeToNodeEncryptionOptions.Enabled to true.
#   hygiene: true
#   references: []
package plumbline.aws.opensearch.node_to_node

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["NodeToNodeEncryptionOptions", "Enabled"])
	violation := {
		"message": sprintf("Domain %s sends documents between nodes in the clear", [input.resource.Name]),
		"path": "NodeToNodeEncryptionOptions.Enabled",
		"facts": {"Enabled": false},
	}
}
