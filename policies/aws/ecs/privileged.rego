# METADATA
# title: Containers do not run privileged
# description: 'A privileged container has every right on its host: whoever takes it over takes the other
#   containers with it.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html
# custom:
#   check_id: PL-ECS-001
#   control: ecs-privileged
#   severity: high
#   resource_types:
#     - AWS::ECS::TaskDefinition
#   reads:
#     - ContainerDefinitions.Privileged
#   remediation: Remove Privileged; add the single capability that is needed.
#   hygiene: false
#   compliance:
#     SOC2: [CC6.3]
#     NIST 800-53: [AC-6]
#     PCI DSS: [7.2.2]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.15, A.8.2]
#   references: []
package plumbline.aws.ecs.privileged

import data.plumbline.lib

deny contains violation if {
	some i, container in lib.items(input.resource, ["ContainerDefinitions"])
	lib.is_true(container.Privileged)
	violation := {
		"message": sprintf("Container %s of task %s runs privileged", [object.get(container, "Name", "without a name"), input.resource.Name]),
		"path": sprintf("ContainerDefinitions.%d.Privileged", [i]),
		"facts": {"Privileged": true},
	}
}
