# METADATA
# title: Distributions are enabled
# description: A distribution that is switched off serves nobody, yet its name, certificate and
#   origins stay and are forgotten.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
# custom:
#   check_id: PL-CLOUDFRONT-005
#   control: cloudfront-enabled
#   severity: info
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.Enabled
#   remediation: Enable the distribution, or delete it with the names that lead to it.
#   hygiene: true
#   references:
#     - CKV_AWS_216
package plumbline.aws.cloudfront.enabled

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["DistributionConfig", "Enabled"], true) in {false, "false", "False"}
	violation := {
		"message": sprintf("Distribution %s is switched off", [input.resource.Name]),
		"path": "DistributionConfig.Enabled",
		"facts": {"Enabled": false},
	}
}
