# METADATA
# title: Graph databases take IAM authentication
# description: 'Without IAM authentication whoever reaches a Neptune cluster over the network may read
#   and write everything: it has no passwords.'
# related_resources:
#   - https://docs.aws.amazon.com/neptune/latest/userguide/iam-auth.html
# custom:
#   check_id: PL-NEPTUNE-001
#   control: neptune-iam
#   severity: high
#   resource_types:
#     - AWS::Neptune::DBCluster
#   reads:
#     - IamAuthEnabled
#   remediation: Set IamAuthEnabled to true.
#   hygiene: false
#   references:
#     - CKV_AWS_359
package plumbline.aws.neptune.iam

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["IamAuthEnabled"])
	violation := {
		"message": sprintf("Graph database %s takes requests from whoever reaches it", [input.resource.Name]),
		"path": "IamAuthEnabled",
		"facts": {"IamAuthEnabled": false},
	}
}
