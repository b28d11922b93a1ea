# METADATA
# title: Distributions add security headers
# description: Strict-Transport-Security, X-Content-Type-Options and their kin tell browsers to refuse
#   what attackers try; a response headers policy adds them for every origin.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
# custom:
#   check_id: PL-CLOUDFRONT-009
#   control: cloudfront-response-headers
#   severity: low
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId
#   remediation: Set ResponseHeadersPolicyId; the managed policy SecurityHeadersPolicy is
#     67f7725c-6f97-4210-82d7-5512b31e9d03.
#   hygiene: true
#   references:
#     - CKV2_AWS_32
package plumbline.aws.cloudfront.response_headers

import data.plumbline.lib

deny contains violation if {
	value := lib.value(input.resource, ["DistributionConfig", "DefaultCacheBehavior", "ResponseHeadersPolicyId"], "")
	value in {"", null}
	violation := {
		"message": sprintf("Distribution %s adds no security headers", [input.resource.Name]),
		"path": "DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId",
		"facts": {"ResponseHeadersPolicyId": value},
	}
}
