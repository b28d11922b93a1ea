# METADATA
# title: Trails are encrypted with a customer managed key
# description: With a key of your own, reading the trail needs the key's permission as well as the bucket's.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
# custom:
#   check_id: PL-CLOUDTRAIL-003
#   control: cloudtrail-kms
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - KMSKeyId
#   remediation: Set KMSKeyId to a key whose policy admits CloudTrail.
#   hygiene: true
#   references:
#     - CKV_AWS_35
package plumbline.aws.cloudtrail.customer_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KMSKeyId"], "") in {"", null}
	lib.value(input.resource, ["KmsKeyId"], "") in {"", null}
	violation := {
		"message": sprintf("Trail %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KMSKeyId",
		"facts": {"KMSKeyId": null},
	}
}
