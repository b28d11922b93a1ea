# METADATA
# title: Batch jobs do not run privileged
# description: A privileged container has every right on its host, and on the other jobs there.
# related_resources:
#   - https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html
# custom:
#   check_id: PL-BATCH-001
#   control: batch-privileged
#   severity: high
#   resource_types:
#     - AWS::Batch::JobDefinition
#   reads:
#     - ContainerProperties.Privileged
#   remediation: Set ContainerProperties.Privileged to false.
#   hygiene: false
#   compliance:
#     SOC2: [CC6.3]
#     NIST 800-53: [AC-6]
#     PCI DSS: [7.2.2]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.15, A.8.2]
#   references: []
package plumbline.aws.batch.privileged

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["ContainerProperties", "Privileged"], false))
	violation := {
		"message": sprintf("Job definition %s runs privileged", [input.resource.Name]),
		"path": "ContainerProperties.Privileged",
		"facts": {"Privileged": true},
	}
}
