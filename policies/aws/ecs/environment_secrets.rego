# METADATA
# title: Container environments hold no secret values
# description: Environment variables are readable by everyone who may read the task definition. Values with
#   the form of a secret are replaced by fingerprints when they are read; this rule sees their kind only.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
# custom:
#   check_id: PL-ECS-003
#   control: ecs-environment-secrets
#   severity: high
#   resource_types:
#     - AWS::ECS::TaskDefinition
#   reads:
#     - ContainerDefinitions.Environment
#   remediation: Move the value to Secrets Manager, name it under Secrets, and rotate it, since it has been
#     exposed.
#   hygiene: false
#   references: []
package plumbline.aws.ecs.environment_secrets

import data.plumbline.lib

deny contains violation if {
	some i, container in lib.items(input.resource, ["ContainerDefinitions"])
	some variable in lib.as_array(object.get(container, "Environment", []))
	is_string(variable.Value)
	parts := split(variable.Value, ":")
	parts[0] == "secret"
	parts[1] != "plain"
	violation := {
		"message": sprintf("Variable %s of task %s holds what looks like a secret (%s)", [variable.Name, input.resource.Name, parts[1]]),
		"path": sprintf("ContainerDefinitions.%d.Environment", [i]),
		"facts": {"variable": variable.Name, "kind": parts[1]},
	}
}
