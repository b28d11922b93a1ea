# METADATA
# title: Distributions require TLS 1.2 or later
# description: TLS 1.0 and 1.1 have known weaknesses and are deprecated by RFC 8996. The default certificate
#   accepts TLS 1.0.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
# custom:
#   check_id: PL-CLOUDFRONT-002
#   control: cloudfront-tls
#   severity: medium
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.ViewerCertificate.MinimumProtocolVersion
#     - DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate
#   remediation: Use a certificate of your own domain with MinimumProtocolVersion TLSv1.2_2021 or later.
#   hygiene: false
#   references:
#     - CKV_AWS_174
package plumbline.aws.cloudfront.minimum_tls

import data.plumbline.lib

deny contains violation if {
	version := lib.value(input.resource, ["DistributionConfig", "ViewerCertificate", "MinimumProtocolVersion"], "TLSv1")
	regex.match(`^(SSLv3|TLSv1$|TLSv1_|TLSv1\.[01])`, version)
	violation := {
		"message": sprintf("Distribution %s accepts %s", [input.resource.Name, version]),
		"path": "DistributionConfig.ViewerCertificate.MinimumProtocolVersion",
		"facts": {"MinimumProtocolVersion": version},
	}
}

# With the certificate of cloudfront.net the version is TLSv1, whatever is written beside it.
deny contains violation if {
	path := ["DistributionConfig", "ViewerCertificate"]
	lib.is_true(lib.value(input.resource, array.concat(path, ["CloudFrontDefaultCertificate"]), false))
	lib.value(input.resource, array.concat(path, ["MinimumProtocolVersion"]), "TLSv1") != "TLSv1"
	violation := {
		"message": sprintf("Distribution %s uses the certificate of cloudfront.net, which accepts TLSv1", [input.resource.Name]),
		"path": "DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate",
		"facts": {"CloudFrontDefaultCertificate": true},
	}
}
