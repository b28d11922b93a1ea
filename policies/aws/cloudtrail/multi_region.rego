# METADATA
# title: Trails record every Region
# description: What happens in a Region without a trail leaves no trace; attackers choose those.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html
# custom:
#   check_id: PL-CLOUDTRAIL-001
#   control: cloudtrail-multi-region
#   severity: medium
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - IsMultiRegionTrail
#   remediation: Set IsMultiRegionTrail to true.
#   hygiene: false
#   references:
#     - CKV_AWS_67
package plumbline.aws.cloudtrail.multi_region

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["IsMultiRegionTrail"])
	violation := {
		"message": sprintf("Trail %s records one Region only", [input.resource.Name]),
		"path": "IsMultiRegionTrail",
		"facts": {"IsMultiRegionTrail": false},
	}
}
