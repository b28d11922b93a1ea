# METADATA
# title: Buckets ignore public ACLs
# description: With this setting S3 acts as if public ACLs that stand on the bucket and its objects
#   were not there. One of the four settings of the public access block, counted by itself.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-010
#   control: s3-ignore-public-acls
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration.IgnorePublicAcls
#   remediation: Set PublicAccessBlockConfiguration.IgnorePublicAcls to true.
#   hygiene: true
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, AC-6]
#     PCI DSS: [7.2.1]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [25(2), 32(1)(b)]
#     ISO 27001: [A.5.15, A.8.3]
#     CIS AWS: [2.1.4]
#   references:
#     - CKV_AWS_55
package plumbline.aws.s3.ignore_public_acls

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Bucket %s heeds public ACLs", [input.resource.Name]),
		"path": "PublicAccessBlockConfiguration.IgnorePublicAcls",
		"facts": {"IgnorePublicAcls": false},
	}
}
