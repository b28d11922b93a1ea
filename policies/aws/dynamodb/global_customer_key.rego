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
#   compliance:
#     SOC2: [CC6.1]
#     NIST 800-53: [SC-12, SC-28]
#     PCI DSS: [3.6.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
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
