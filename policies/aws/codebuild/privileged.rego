# METADATA
# title: Builds run privileged only where they build images
# description: A privileged build has every right on its host; whoever changes the build's source has them
#   too.
# related_resources:
#   - https://docs.aws.amazon.com/codebuild/latest/userguide/create-project.html
# custom:
#   check_id: PL-CODEBUILD-004
#   control: codebuild-privileged
#   severity: medium
#   resource_types:
#     - AWS::CodeBuild::Project
#   reads:
#     - Environment.PrivilegedMode
#   remediation: Set Environment.PrivilegedMode to false where no image is built.
#   hygiene: true
#   references: []
package plumbline.aws.codebuild.privileged

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["Environment", "PrivilegedMode"], false))
	violation := {
		"message": sprintf("Build project %s runs privileged", [input.resource.Name]),
		"path": "Environment.PrivilegedMode",
		"facts": {"PrivilegedMode": true},
	}
}
