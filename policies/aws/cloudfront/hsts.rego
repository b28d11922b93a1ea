# METADATA
# title: Response headers policies enforce HTTPS for a year
# description: With Strict-Transport-Security a browser that has seen the site once never asks it over
#   plain HTTP again, so nobody in between can take over the first request.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
# custom:
#   check_id: PL-CLOUDFRONT-014
#   control: cloudfront-hsts
#   severity: low
#   resource_types:
#     - AWS::CloudFront::ResponseHeadersPolicy
#   reads:
#     - ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec
#   remediation: Set StrictTransportSecurity with AccessControlMaxAgeSec 31536000, IncludeSubdomains and
#     Override true.
#   hygiene: false
#   references:
#     - CKV_AWS_259
package plumbline.aws.cloudfront.hsts

import data.plumbline.lib

deny contains violation if {
	age := to_number(lib.value(input.resource, ["ResponseHeadersPolicyConfig", "SecurityHeadersConfig", "StrictTransportSecurity", "AccessControlMaxAgeSec"], 0))
	age < 31536000
	violation := {
		"message": sprintf("Response headers policy %s enforces HTTPS for %v seconds", [input.resource.Name, age]),
		"path": "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity",
		"facts": {"AccessControlMaxAgeSec": age},
	}
}
