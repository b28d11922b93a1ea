# METADATA
# title: Global tables can be recovered to a point in time
# description: Replication copies a mistake to every Region within a second; only point-in-time
#   recovery undoes it. It is set for each replica.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
# custom:
#   check_id: PL-DYNAMODB-004
#   control: dynamodb-global-pitr
#   severity: medium
#   resource_types:
#     - AWS::DynamoDB::GlobalTable
#   reads:
#     - Replicas.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
#   remediation: Set PointInTimeRecoveryEnabled to true for every replica.
#   hygiene: false
#   references:
#     - CKV_AWS_165
package plumbline.aws.dynamodb.global_recovery

import data.plumbline.lib

deny contains violation if {
	some i, replica in lib.items(input.resource, ["Replicas"])
	not lib.doubtful(object.get(replica, "PointInTimeRecoverySpecification", null))
	not recoverable(replica)
	region := object.get(replica, "Region", "a Region")
	violation := {
		"message": sprintf("Global table %s cannot be recovered to a point in time in %s", [input.resource.Name, region]),
		"path": sprintf("Replicas.%d.PointInTimeRecoverySpecification", [i]),
		"facts": {"Region": region},
	}
}

recoverable(replica) if lib.is_true(replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled)
