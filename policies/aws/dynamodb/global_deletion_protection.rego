# METADATA
# title: Replicas of tables are protected from deletion
# description: A replica without deletion protection goes with one call.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
# custom:
#   check_id: PL-DYNAMODB-006
#   control: dynamodb-global-deletion-protection
#   severity: low
#   resource_types:
#     - AWS::DynamoDB::GlobalTable
#   reads:
#     - Replicas.DeletionProtectionEnabled
#   remediation: Set DeletionProtectionEnabled to true for every replica.
#   hygiene: true
#   references: []
package plumbline.aws.dynamodb.global_deletion_protection

import data.plumbline.lib

deny contains violation if {
	some i, replica in lib.items(input.resource, ["Replicas"])
	not lib.doubtful(object.get(replica, "DeletionProtectionEnabled", null))
	not protected(replica)
	region := object.get(replica, "Region", "a Region")
	violation := {
		"message": sprintf("Global table %s is not protected from deletion in %s", [input.resource.Name, region]),
		"path": sprintf("Replicas.%d.DeletionProtectionEnabled", [i]),
		"facts": {"Region": region},
	}
}

protected(replica) if lib.is_true(replica.DeletionProtectionEnabled)
