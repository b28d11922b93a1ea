# METADATA
# title: Distributions share addresses through SNI
# description: A dedicated address at every edge serves only clients older than 2010 and costs 600
#   dollars a month.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-https-dedicated-ip-or-sni.html
# custom:
#   check_id: PL-CLOUDFRONT-015
#   control: cloudfront-sni
#   severity: low
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.ViewerCertificate.SslSupportMethod
#   remediation: Set SslSupportMethod to sni-only.
#   hygiene: true
#   references: []
package plumbline.aws.cloudfront.sni

import data.plumbline.lib

deny contains violation if {
	method := lib.value(input.resource, ["DistributionConfig", "ViewerCertificate", "SslSupportMethod"], "sni-only")
	method in {"vip", "static-ip"}
	violation := {
		"message": sprintf("Distribution %s pays for addresses of its own", [input.resource.Name]),
		"path": "DistributionConfig.ViewerCertificate.SslSupportMethod",
		"facts": {"SslSupportMethod": method},
	}
}
