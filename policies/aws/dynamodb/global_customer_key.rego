# METADATA
# title: Replicas of tables are encrypted with a customer managed key
# description: Each replica has a key of its Region; only a customer managed one can be audited,
#   limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
# custom:
#   check_id: PL-DYNAMODB-005
#   control: dynamodb-global-cmk
#   severity: low
#   resource_types:
#     - AWS::DynamoDB::GlobalTable
#   reads:
#     - Replicas.SSESpecification.KMSMasterKeyId
#   remediation: Set SSESpecification.KMSMasterKeyId for every replica.
#   hygiene: true
#   references:
#     - CKV_AWS_271
package plumbline.aws.dynamodb.global_customer_key

import data.plumbline.lib

deny contains violation if {
	some i, replica in lib.items(input.resource, ["Replicas"])
	not lib.doubtful(object.get(replica, "SSESpecification", null))
	not own_key(replica)
	region := object.get(replica, "Region", "a Region")
	violation := {
		"message": sprintf("Global table %s is not encrypted with a key of your own in %s", [input.resource.Name, region]),
		"path": sprintf("Replicas.%d.SSESpecification", [i]),
		"facts": {"Region": region},
	}
}

own_key(replica) if lib.customer_key(replica.SSESpecification.KMSMasterKeyId)
