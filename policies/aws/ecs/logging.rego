# METADATA
# title: Containers send their logs away
# description: Logs that stay in a container are gone with it.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
# custom:
#   check_id: PL-ECS-004
#   control: ecs-logging
#   severity: low
#   resource_types:
#     - AWS::ECS::TaskDefinition
#   reads:
#     - ContainerDefinitions.LogConfiguration!
#   remediation: Set LogConfiguration with the driver awslogs or awsfirelens.
#   hygiene: true
#   references: []
package plumbline.aws.ecs.logging

import data.plumbline.lib

deny contains violation if {
	some i, container in lib.items(input.resource, ["ContainerDefinitions"])
	object.get(container, "LogConfiguration", null) == null
	violation := {
		"message": sprintf("Container %s of task %s keeps its logs to itself", [object.get(container, "Name", "without a name"), input.resource.Name]),
		"path": sprintf("ContainerDefinitions.%d.LogConfiguration", [i]),
		"facts": {"LogConfiguration": null},
	}
}
