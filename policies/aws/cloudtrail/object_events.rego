# METADATA
# title: Trails record who reads and writes objects
# description: Management events do not show which object was read or deleted; data events of S3 do,
#   at 0.10 dollars for 100,000.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
# custom:
#   check_id: PL-CLOUDTRAIL-008
#   control: cloudtrail-object-events
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - EventSelectors.DataResources.Type
#     - EventSelectors.ReadWriteType
#     - AdvancedEventSelectors
#   remediation: Add an event selector for AWS::S3::Object, of the buckets that matter.
#   hygiene: true
#   references: []
package plumbline.aws.cloudtrail.object_events

import data.plumbline.lib

deny contains violation if {
	not recorded
	lib.known_at(input.resource, [["EventSelectors"], ["AdvancedEventSelectors"]])
	violation := {
		"message": sprintf("Trail %s does not record who reads and writes objects", [input.resource.Name]),
		"path": "EventSelectors",
		"facts": {"selectors": 0},
	}
}

recorded if {
	some selector in input.resource.Properties.EventSelectors
	is_object(selector)
	object.get(selector, "ReadWriteType", "All") == "All"
	some data_resource in selector.DataResources
	data_resource.Type == "AWS::S3::Object"
}

recorded if {
	some selector in input.resource.Properties.AdvancedEventSelectors
	some field in selector.FieldSelectors
	field.Field == "resources.type"
	"AWS::S3::Object" in field.Equals
}

recorded if lib.doubtful([object.get(input.resource.Properties, name, null) | some name in ["EventSelectors", "AdvancedEventSelectors"]])
