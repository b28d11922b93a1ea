# METADATA
# title: Containers in the host's network do not run as root
# description: Root in the host's network sees the traffic of every other container and can answer in its
#   place.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-network.html
# custom:
#   check_id: PL-ECS-002
#   control: ecs-host-network-user
#   severity: high
#   resource_types:
#     - AWS::ECS::TaskDefinition
#   reads:
#     - NetworkMode
#     - ContainerDefinitions.User
#     - ContainerDefinitions.Privileged
#   remediation: Set User to one that is not root, or NetworkMode to awsvpc.
#   hygiene: false
#   references: []
package plumbline.aws.ecs.host_network_user

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["NetworkMode"], "bridge") == "host"
	some i, container in lib.items(input.resource, ["ContainerDefinitions"])
	not lib.is_true(object.get(container, "Privileged", false))
	root(object.get(container, "User", ""))
	violation := {
		"message": sprintf("Container %s of task %s runs as root in the host's network", [object.get(container, "Name", "without a name"), input.resource.Name]),
		"path": sprintf("ContainerDefinitions.%d.User", [i]),
		"facts": {"NetworkMode": "host", "User": object.get(container, "User", null)},
	}
}

root(user) if {
	is_string(user)
	split(user, ":")[0] in {"", "root", "0"}
}
