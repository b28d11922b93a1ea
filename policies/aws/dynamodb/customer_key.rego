# METADATA
# title: Tables are encrypted with a customer managed key
# description: DynamoDB encrypts with a key of its own unless told otherwise; only a customer managed
#   key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
# custom:
#   check_id: PL-DYNAMODB-002
#   control: dynamodb-cmk
#   severity: low
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - SSESpecification.SSEEnabled
#     - SSESpecification.KMSMasterKeyId
#   remediation: Set SSESpecification with SSEEnabled true, SSEType KMS and the key's ARN.
#   hygiene: true
#   references:
#     - CKV_AWS_119
package plumbline.aws.dynamodb.customer_key

import data.plumbline.lib

deny contains violation if {
	not encrypted
	lib.known_at(input.resource, [["SSESpecification", "KMSMasterKeyId"], ["SSESpecification", "SSEEnabled"]])
	violation := {
		"message": sprintf("Table %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "SSESpecification",
		"facts": {"SSESpecification": object.get(input.resource.Properties, "SSESpecification", null)},
	}
}

encrypted if {
	lib.is_true(lib.value(input.resource, ["SSESpecification", "SSEEnabled"], false))
	lib.customer_key(lib.value(input.resource, ["SSESpecification", "KMSMasterKeyId"], ""))
}
