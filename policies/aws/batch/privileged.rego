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
