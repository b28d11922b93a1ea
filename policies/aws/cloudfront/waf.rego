# METADATA
# title: Distributions stand behind a web firewall
# description: A web firewall turns away floods and known attacks before they reach the origin, and
#   is where a rule is added when one starts.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-awswaf.html
# custom:
#   check_id: PL-CLOUDFRONT-004
#   control: cloudfront-waf
#   severity: low
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.WebACLId
#   remediation: Set DistributionConfig.WebACLId to a WAFv2 web ACL of scope CLOUDFRONT.
#   hygiene: true
#   references:
#     - CKV2_AWS_47
package plumbline.aws.cloudfront.waf

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["DistributionConfig", "WebACLId"], "") in {"", null}
	violation := {
		"message": sprintf("Distribution %s has no web firewall in front of it", [input.resource.Name]),
		"path": "DistributionConfig.WebACLId",
		"facts": {"WebACLId": null},
	}
}
