# METADATA
# title: Distributions serve viewers over HTTPS only
# description: allow-all serves pages, cookies and tokens over plain HTTP to whoever asks for it.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html
# custom:
#   check_id: PL-CLOUDFRONT-001
#   control: cloudfront-https
#   severity: medium
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy
#     - DistributionConfig.CacheBehaviors.ViewerProtocolPolicy
#   remediation: Set ViewerProtocolPolicy to redirect-to-https or https-only on every behavior.
#   hygiene: false
#   references:
#     - CKV_AWS_34
package plumbline.aws.cloudfront.https

import data.plumbline.lib

deny contains violation if {
	path := "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"
	lib.value(input.resource, split(path, "."), "") == "allow-all"
	violation := {
		"message": sprintf("Distribution %s answers over plain HTTP", [input.resource.Name]),
		"path": path,
		"facts": {"ViewerProtocolPolicy": "allow-all"},
	}
}

deny contains violation if {
	some i, behavior in lib.items(input.resource, ["DistributionConfig", "CacheBehaviors"])
	behavior.ViewerProtocolPolicy == "allow-all"
	pattern := object.get(behavior, "PathPattern", "a path")
	violation := {
		"message": sprintf("Distribution %s answers over plain HTTP on %s", [input.resource.Name, pattern]),
		"path": sprintf("DistributionConfig.CacheBehaviors.%d.ViewerProtocolPolicy", [i]),
		"facts": {"ViewerProtocolPolicy": "allow-all", "PathPattern": pattern},
	}
}
