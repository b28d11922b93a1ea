# METADATA
# title: DAX clusters are encrypted at rest
# description: A cluster keeps what it caches from the table on its nodes; that is in the clear unless
#   the cluster is made with encryption.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAXEncryptionAtRest.html
# custom:
#   check_id: PL-DAX-001
#   control: dax-encryption
#   severity: high
#   resource_types:
#     - AWS::DAX::Cluster
#   reads:
#     - SSESpecification.SSEEnabled
#   remediation: Recreate the cluster with SSESpecification.SSEEnabled true.
#   hygiene: false
#   references: []
package plumbline.aws.dax.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["SSESpecification", "SSEEnabled"])
	violation := {
		"message": sprintf("Cluster %s is not encrypted at rest", [input.resource.Name]),
		"path": "SSESpecification.SSEEnabled",
		"facts": {"SSEEnabled": false},
	}
}
