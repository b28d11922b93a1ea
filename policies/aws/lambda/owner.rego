# METADATA
# title: Functions name their owner in a tag
# description: A finding without an owner is nobody's. The tag names that count are a setting (`owner_tags`).
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
# custom:
#   check_id: PL-LAMBDA-002
#   control: owner-tag
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Tags
#   remediation: Add an owner tag to the function or to its stack.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.owner

import data.plumbline.lib

deny contains violation if {
	not owned
	not lib.tags_unknown(input.resource)
	names := concat(" or ", input.settings.owner_tags)
	violation := {
		"message": sprintf("Function %s has no tag %s", [input.resource.Name, names]),
		"path": "Tags",
		"facts": {"owner_tags": input.settings.owner_tags},
	}
}

owned if trim_space(lib.tag(input.resource, input.settings.owner_tags)) != ""
