# METADATA
# title: Distributions have a second origin to fall back on
# description: With an origin group CloudFront asks the second origin when the first does not answer.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
# custom:
#   check_id: PL-CLOUDFRONT-007
#   control: cloudfront-origin-failover
#   severity: info
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.OriginGroups
#   remediation: Declare an origin group with two origins, and let the behaviors name it.
#   hygiene: true
#   references:
#     - CKV_AWS_310
package plumbline.aws.cloudfront.origin_failover

import data.plumbline.lib

deny contains violation if {
	groups := lib.value(input.resource, ["DistributionConfig", "OriginGroups"], [])
	not lib.doubtful(groups)
	count(listed(groups)) == 0
	violation := {
		"message": sprintf("Distribution %s has no origin to fall back on", [input.resource.Name]),
		"path": "DistributionConfig.OriginGroups",
		"facts": {"OriginGroups": null},
	}
}

deny contains violation if {
	groups := lib.value(input.resource, ["DistributionConfig", "OriginGroups"], [])
	not lib.doubtful(groups)
	some group in listed(groups)
	to_number(object.get(group, ["Members", "Quantity"], 2)) < 2
	violation := {
		"message": sprintf("Distribution %s has an origin group with nothing to fall back on", [input.resource.Name]),
		"path": "DistributionConfig.OriginGroups",
		"facts": {"Quantity": group.Members.Quantity},
	}
}

# A template says {Quantity, Items}, a live distribution a list.
listed(groups) := groups if is_array(groups)

listed(groups) := object.get(groups, "Items", []) if is_object(groups)

listed(groups) := [] if is_null(groups)
