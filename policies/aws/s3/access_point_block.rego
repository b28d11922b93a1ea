# METADATA
# title: Access points block public access
# description: An access point blocks public access unless it is told otherwise when it is made; that
#   cannot be changed afterwards.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
# custom:
#   check_id: PL-S3-029
#   control: s3-access-point-block
#   severity: high
#   resource_types:
#     - AWS::S3::AccessPoint
#   reads:
#     - PublicAccessBlockConfiguration
#   remediation: Recreate the access point without switching its settings off.
#   hygiene: false
#   references:
#     - CKV_AWS_392
package plumbline.aws.s3.access_point_block

import data.plumbline.lib

deny contains violation if {
	open := [setting |
		some setting in settings
		lib.value(input.resource, ["PublicAccessBlockConfiguration", setting], true) in {false, "false", "False"}
	]
	count(open) > 0
	violation := {
		"message": sprintf("Access point %s does not block public access: %s off", [input.resource.Name, concat(", ", open)]),
		"path": "PublicAccessBlockConfiguration",
		"facts": {"off": open},
	}
}

settings := ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
