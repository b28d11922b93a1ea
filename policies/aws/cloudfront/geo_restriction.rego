# METADATA
# title: Distributions serve the countries they are meant for
# description: Where an application is meant for a few countries, refusing the others keeps away a
#   share of attacks and of cost. It is no substitute for signing in.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/georestrictions.html
# custom:
#   check_id: PL-CLOUDFRONT-008
#   control: cloudfront-geo-restriction
#   severity: info
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.Restrictions.GeoRestriction.RestrictionType
#   remediation: Set GeoRestriction to whitelist with the countries, or accept the risk for a global
#     service.
#   hygiene: true
#   references:
#     - CKV_AWS_374
package plumbline.aws.cloudfront.geo_restriction

import data.plumbline.lib

deny contains violation if {
	type := lib.value(input.resource, ["DistributionConfig", "Restrictions", "GeoRestriction", "RestrictionType"], "none")
	type == "none"
	violation := {
		"message": sprintf("Distribution %s serves every country", [input.resource.Name]),
		"path": "DistributionConfig.Restrictions.GeoRestriction",
		"facts": {"RestrictionType": type},
	}
}
