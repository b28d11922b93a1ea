# METADATA
# title: Distributions have a default root object
# description: 'Without one a request for / goes to the origin as it is: a bucket that allows listing
#   then lists its objects.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DefaultRootObject.html
# custom:
#   check_id: PL-CLOUDFRONT-006
#   control: cloudfront-default-root-object
#   severity: low
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.DefaultRootObject
#   remediation: Set DistributionConfig.DefaultRootObject, to index.html for example.
#   hygiene: true
#   references:
#     - CKV_AWS_305
package plumbline.aws.cloudfront.default_root_object

import data.plumbline.lib

deny contains violation if {
	value := lib.value(input.resource, ["DistributionConfig", "DefaultRootObject"], "")
	value in {"", null}
	violation := {
		"message": sprintf("Distribution %s has no default root object", [input.resource.Name]),
		"path": "DistributionConfig.DefaultRootObject",
		"facts": {"DefaultRootObject": value},
	}
}
