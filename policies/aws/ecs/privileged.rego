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
