# METADATA
# title: Distributions have a certificate of their own domain
# description: The default certificate of cloudfront.net ties visitors to a name that is not yours and
#   accepts TLS 1.0.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
# custom:
#   check_id: PL-CLOUDFRONT-010
#   control: cloudfront-certificate
#   severity: low
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.ViewerCertificate
#   remediation: Set AcmCertificateArn of a certificate in us-east-1, and the aliases.
#   hygiene: true
#   references:
#     - CKV2_AWS_42
package plumbline.aws.cloudfront.certificate

import data.plumbline.lib

deny contains violation if {
	certificate := lib.value(input.resource, ["DistributionConfig", "ViewerCertificate"], {})
	not lib.doubtful(certificate)
	object.get(certificate, "AcmCertificateArn", "") in {"", null}
	object.get(certificate, "IamCertificateId", "") in {"", null}
	violation := {
		"message": sprintf("Distribution %s uses the certificate of cloudfront.net", [input.resource.Name]),
		"path": "DistributionConfig.ViewerCertificate",
		"facts": {"CloudFrontDefaultCertificate": true},
	}
}
