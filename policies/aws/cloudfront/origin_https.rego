# METADATA
# title: Distributions speak to their origins over HTTPS only
# description: http-only and match-viewer let cookies, tokens and answers travel in the clear between
#   CloudFront and the origin.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html
# custom:
#   check_id: PL-CLOUDFRONT-012
#   control: cloudfront-origin-https
#   severity: medium
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.Origins.CustomOriginConfig.OriginProtocolPolicy
#   remediation: Set OriginProtocolPolicy to https-only.
#   hygiene: false
#   references:
#     - CKV2_AWS_72
package plumbline.aws.cloudfront.origin_https

deny contains violation if {
	some i, origin in input.resource.Properties.DistributionConfig.Origins
	policy := origin.CustomOriginConfig.OriginProtocolPolicy
	policy in {"http-only", "match-viewer"}
	violation := {
		"message": sprintf("Distribution %s speaks to its origin %s with %s", [input.resource.Name, object.get(origin, "Id", ""), policy]),
		"path": sprintf("DistributionConfig.Origins.%d.CustomOriginConfig.OriginProtocolPolicy", [i]),
		"facts": {"OriginProtocolPolicy": policy},
	}
}
