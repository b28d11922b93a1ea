# METADATA
# title: Tables are encrypted with KMS
# description: DynamoDB encrypts every table, by default with a key that no account sees; with KMS,
#   uses of the key are on record.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
# custom:
#   check_id: PL-DYNAMODB-011
#   control: dynamodb-kms
#   severity: info
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - SSESpecification.SSEEnabled
#   remediation: Set SSESpecification with SSEEnabled true.
#   hygiene: true
#   references: []
package plumbline.aws.dynamodb.kms

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["SSESpecification", "SSEEnabled"])
	violation := {
		"message": sprintf("Table %s is not encrypted with KMS", [input.resource.Name]),
		"path": "SSESpecification",
		"facts": {"SSEEnabled": false},
	}
}
