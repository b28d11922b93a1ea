# METADATA
# title: Topics are encrypted with a customer managed key
# description: The key alias/aws/sns cannot be given to the AWS services that publish to the topic,
#   nor be limited or revoked.
# related_resources:
#   - https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
# custom:
#   check_id: PL-SNS-004
#   control: sns-cmk
#   severity: low
#   resource_types:
#     - AWS::SNS::Topic
#   reads:
#     - KmsMasterKeyId
#   remediation: Set KmsMasterKeyId to a customer managed key.
#   hygiene: true
#   references: []
package plumbline.aws.sns.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsMasterKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Topic %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsMasterKeyId",
		"facts": {"KmsMasterKeyId": key},
	}
}
