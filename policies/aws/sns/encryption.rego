# METADATA
# title: Topics are encrypted at rest
# description: A topic without a key keeps messages unencrypted while they wait for delivery.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
# custom:
#   check_id: PL-SNS-001
#   control: sns-encryption
#   severity: medium
#   resource_types:
#     - AWS::SNS::Topic
#   reads:
#     - KmsMasterKeyId
#   remediation: Set KmsMasterKeyId; use a key of your own where AWS services publish to the topic.
#   hygiene: false
#   references:
#     - CKV_AWS_26
package plumbline.aws.sns.encryption

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsMasterKeyId"], "") in {"", null}
	violation := {
		"message": sprintf("Topic %s is not encrypted at rest", [input.resource.Name]),
		"path": "KmsMasterKeyId",
		"facts": {"KmsMasterKeyId": null},
	}
}
