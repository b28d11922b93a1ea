# METADATA
# title: Video streams are encrypted with a customer managed key
# description: Kinesis Video Streams encrypts with a key of its own unless told otherwise; only a
#   customer managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/how-kms.html
# custom:
#   check_id: PL-KINESISVIDEO-001
#   control: kinesisvideo-cmk
#   severity: low
#   resource_types:
#     - AWS::KinesisVideo::Stream
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_177
package plumbline.aws.kinesisvideo.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Video stream %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
