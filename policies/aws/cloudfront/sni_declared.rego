# METADATA
# title: Distributions state that they share addresses through SNI
# description: A certificate of one's own says how it is served; CloudFront's own does not.
#   PL-CLOUDFRONT-015 tells of addresses that are paid for.
# related_resources:
#   - https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
# custom:
#   check_id: PL-CLOUDFRONT-016
#   control: cloudfront-sni-declared
#   severity: info
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.ViewerCertificate.SslSupportMethod
#   remediation: Use a certificate of your own domain and set SslSupportMethod to sni-only.
#   hygiene: true
#   references: []
package plumbline.aws.cloudfront.sni_declared

import data.plumbline.lib

deny contains violation if {
	method := lib.value(input.resource, ["DistributionConfig", "ViewerCertificate", "SslSupportMethod"], "")
	method != "sni-only"
	violation := {
		"message": sprintf("Distribution %s does not state SNI", [input.resource.Name]),
		"path": "DistributionConfig.ViewerCertificate.SslSupportMethod",
		"facts": {"SslSupportMethod": method},
	}
}
