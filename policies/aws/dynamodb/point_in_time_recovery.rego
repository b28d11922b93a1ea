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
#   compliance:
#     SOC2: [A1.2]
#     NIST 800-53: [CP-9, SI-13]
#     GDPR: [32(1)(c)]
#     ISO 27001: [A.8.13]
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
