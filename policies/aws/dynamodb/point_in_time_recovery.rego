# METADATA
# title: Tables can be recovered to a point in time
# description: Without point-in-time recovery a bad deployment or a deleted item cannot be undone.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
# custom:
#   check_id: PL-DYNAMODB-001
#   control: dynamodb-pitr
#   severity: medium
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
#   remediation: Set PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled to true.
#   hygiene: false
#   references:
#     - CKV_AWS_28
package plumbline.aws.dynamodb.point_in_time_recovery

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"])
	violation := {
		"message": sprintf("Table %s cannot be recovered to a point in time", [input.resource.Name]),
		"path": "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
		"facts": {"PointInTimeRecoveryEnabled": false},
	}
}
