# METADATA
# title: Tables are protected from deletion
# description: A table without deletion protection goes with one call, or with the stack that is deleted
#   by mistake.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
# custom:
#   check_id: PL-DYNAMODB-003
#   control: dynamodb-deletion-protection
#   severity: low
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - DeletionProtectionEnabled
#   remediation: Set DeletionProtectionEnabled to true.
#   hygiene: false
#   references: []
package plumbline.aws.dynamodb.deletion_protection

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["DeletionProtectionEnabled"])
	violation := {
		"message": sprintf("Table %s is not protected from deletion", [input.resource.Name]),
		"path": "DeletionProtectionEnabled",
		"facts": {"DeletionProtectionEnabled": false},
	}
}
