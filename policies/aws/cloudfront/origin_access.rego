# METADATA
# title: Distributions read buckets with origin access control
# description: Without it the bucket must be public, and visitors can go around CloudFront with its
#   firewall, its logs and its geography.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
# custom:
#   check_id: PL-CLOUDFRONT-011
#   control: cloudfront-origin-access
#   severity: medium
#   resource_types:
#     - AWS::CloudFront::Distribution
#   reads:
#     - DistributionConfig.Origins.DomainName
#     - DistributionConfig.Origins.OriginAccessControlId
#     - DistributionConfig.Origins.S3OriginConfig.OriginAccessIdentity
#     - DistributionConfig.S3Origin.OriginAccessIdentity
#   remediation: Set OriginAccessControlId on the origin and admit the distribution in the bucket
#     policy.
#   hygiene: false
#   references:
#     - CKV2_AWS_46
package plumbline.aws.cloudfront.origin_access

import data.plumbline.lib

deny contains violation if {
	some i, origin in input.resource.Properties.DistributionConfig.Origins
	is_string(origin.DomainName)
	bucket(origin)
	object.get(origin, "OriginAccessControlId", "") in {"", null}
	object.get(origin, ["S3OriginConfig", "OriginAccessIdentity"], "") in {"", null}
	known(origin)
	violation := {
		"message": sprintf("Distribution %s reads the bucket %s as everyone does", [input.resource.Name, origin.DomainName]),
		"path": sprintf("DistributionConfig.Origins.%d", [i]),
		"facts": {"DomainName": origin.DomainName},
	}
}

# The form of 2012, from before a distribution had several origins.
deny contains violation if {
	legacy := lib.value(input.resource, ["DistributionConfig", "S3Origin"], null)
	is_object(legacy)
	lib.absent(input.resource, ["DistributionConfig", "S3Origin", "OriginAccessIdentity"])
	violation := {
		"message": sprintf("Distribution %s reads a bucket as everyone does", [input.resource.Name]),
		"path": "DistributionConfig.S3Origin",
		"facts": {"OriginAccessIdentity": null},
	}
}

bucket(origin) if regex.match(`\.s3[.-]([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$`, origin.DomainName)

bucket(origin) if regex.match(`^\$\{.+\.(DomainName|RegionalDomainName|DualStackDomainName|bucket_domain_name|bucket_regional_domain_name)\}$`, origin.DomainName)

known(origin) if not lib.unknown(object.get(origin, "S3OriginConfig", null))
