# METADATA
# title: Tables state how they are billed
# description: Without BillingMode a table is provisioned, and pays for capacity by the hour
#   whether or not anybody reads.
# related_resources:
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
# custom:
#   check_id: PL-DYNAMODB-010
#   control: dynamodb-billing-mode
#   severity: info
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - BillingMode
#   remediation: Set BillingMode to PAY_PER_REQUEST, or to PROVISIONED with scaling.
#   hygiene: true
#   references: []
package plumbline.aws.dynamodb.billing_mode

import data.plumbline.lib

deny contains violation if {
	lib.undeclared(input.resource, ["BillingMode"])
	violation := {
		"message": sprintf("Table %s does not say how it is billed", [input.resource.Name]),
		"path": "BillingMode",
		"facts": {"BillingMode": null},
	}
}

deny contains violation if {
	mode := lib.value(input.resource, ["BillingMode"], "PROVISIONED")
	is_string(mode)
	not mode in {"PAY_PER_REQUEST", "PROVISIONED"}
	not contains(mode, "${")
	violation := {
		"message": sprintf("Table %s has a billing mode that there is not: %s", [input.resource.Name, mode]),
		"path": "BillingMode",
		"facts": {"BillingMode": mode},
	}
}
