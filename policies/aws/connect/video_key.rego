# METADATA
# title: Contact centers keep media streams under a customer managed key
# description: Voices and faces of customers lie in these streams; only a customer managed key can be
#   audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/connect/latest/adminguide/encryption-at-rest.html
# custom:
#   check_id: PL-CONNECT-001
#   control: connect-video-cmk
#   severity: low
#   resource_types:
#     - AWS::Connect::InstanceStorageConfig
#   reads:
#     - KinesisVideoStreamConfig
#   remediation: Set KinesisVideoStreamConfig.EncryptionConfig with EncryptionType KMS and a key of your
#     own.
#   hygiene: true
#   references:
#     - CKV_AWS_269
package plumbline.aws.connect.video_key

import data.plumbline.lib

deny contains violation if {
	is_object(lib.value(input.resource, ["KinesisVideoStreamConfig"], null))
	key := lib.value(input.resource, ["KinesisVideoStreamConfig", "EncryptionConfig", "KeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Storage %s keeps media streams without a key of your own", [input.resource.Name]),
		"path": "KinesisVideoStreamConfig.EncryptionConfig",
		"facts": {"KeyId": key},
	}
}
