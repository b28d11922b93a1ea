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
#   compliance:
#     SOC2: [CC6.1]
#     NIST 800-53: [IA-2, IA-5]
#     PCI DSS: [8.3.1]
#     HIPAA: [164.312(d)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.17, A.8.5]
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
