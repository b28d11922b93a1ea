# METADATA
# title: Build sources carry no credentials in their address
# description: A token in the address of a repository is readable by everyone who may read the project,
#   and in the logs of each build.
# related_resources:
#   - https://docs.aws.amazon.com/codebuild/latest/userguide/access-tokens.html
# custom:
#   check_id: PL-CODEBUILD-003
#   control: codebuild-source-credentials
#   severity: high
#   resource_types:
#     - AWS::CodeBuild::Project
#   reads:
#     - Source.Location
#     - SecondarySources.Location
#   remediation: Connect the repository with OAuth or a connection, and revoke the token.
#   hygiene: false
#   references: []
package plumbline.aws.codebuild.source_credentials

import data.plumbline.lib

deny contains violation if {
	some source in sources
	location := source.value.Location
	is_string(location)
	carries_credentials(location)
	violation := {
		"message": sprintf("A source of build project %s carries credentials in its address", [input.resource.Name]),
		"path": sprintf("%s.Location", [source.path]),
		"facts": {"source": source.path},
	}
}

sources := array.concat(
	[{"path": "Source", "value": source} | some source in lib.items(input.resource, ["Source"])],
	[{"path": sprintf("SecondarySources.%d", [i]), "value": source} | some i, source in lib.items(input.resource, ["SecondarySources"])],
)

carries_credentials(location) if startswith(location, "secret:")

carries_credentials(location) if regex.match(`^https?://[^/]+@`, location)
