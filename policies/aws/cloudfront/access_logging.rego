# METADATA
# title: Distributions log access
# description: Without access logs nobody can say afterwards who fetched what. (Standard logging v2
#   is not part of the distribution; it counts where it is declared as a delivery source.)
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
# custom:
#   check_id: PL-CLOUDFRONT-003
#   control: cloudfront-logging
#   severity: low
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.Logging.Bucket
#     - related.AWS::Logs::Delivery.DeliverySourceName!
#   remediation: Set DistributionConfig.Logging.Bucket.
#   hygiene: true
#   references:
#     - CKV_AWS_86
package plumbline.aws.cloudfront.access_logging

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["DistributionConfig", "Logging", "Bucket"], "") in {"", null}
	lib.none_related("AWS::Logs::Delivery")
	violation := {
		"message": sprintf("Distribution %s does not log access", [input.resource.Name]),
		"path": "DistributionConfig.Logging",
		"facts": {"Bucket": null},
	}
}
