# METADATA
# title: Distributions speak TLS 1.2 to their origins
# description: SSLv3, TLS 1.0 and 1.1 have known weaknesses; CloudFront uses the oldest that the
#   origin insists on and the list allows.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
# custom:
#   check_id: PL-CLOUDFRONT-013
#   control: cloudfront-origin-tls
#   severity: medium
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.Origins.CustomOriginConfig.OriginSSLProtocols
#   remediation: Set OriginSSLProtocols to TLSv1.2 alone.
#   hygiene: false
#   references:
#     - CKV2_AWS_54
package plumbline.aws.cloudfront.origin_tls

deny contains violation if {
	some i, origin in input.resource.Properties.DistributionConfig.Origins
	protocols := object.get(origin, ["CustomOriginConfig", "OriginSSLProtocols"], [])
	weak := [protocol | some protocol in protocols; protocol in {"SSLv3", "TLSv1", "TLSv1.1"}]
	count(weak) > 0
	violation := {
		"message": sprintf("Distribution %s allows %s to its origin", [input.resource.Name, concat(", ", weak)]),
		"path": sprintf("DistributionConfig.Origins.%d.CustomOriginConfig.OriginSSLProtocols", [i]),
		"facts": {"OriginSSLProtocols": weak},
	}
}
