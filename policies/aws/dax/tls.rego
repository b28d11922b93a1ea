# METADATA
# title: DAX clusters are reached over TLS
# description: Without TLS items travel in the clear between functions and the cluster.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAXEncryptionInTransit.html
# custom:
#   check_id: PL-DAX-002
#   control: dax-tls
#   severity: medium
#   resource_types:
#     - AWS::DAX::Cluster
#   reads:
#     - ClusterEndpointEncryptionType
#   remediation: Recreate the cluster with ClusterEndpointEncryptionType TLS.
#   hygiene: false
#   references: []
package plumbline.aws.dax.tls

import data.plumbline.lib

deny contains violation if {
	type := lib.value(input.resource, ["ClusterEndpointEncryptionType"], "NONE")
	type != "TLS"
	violation := {
		"message": sprintf("Cluster %s is reached without TLS", [input.resource.Name]),
		"path": "ClusterEndpointEncryptionType",
		"facts": {"ClusterEndpointEncryptionType": type},
	}
}
