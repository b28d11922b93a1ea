# METADATA
# title: Tables scale with their load
# description: A table of fixed capacity turns requests away when the load grows, and is paid for when
#   it does not come. On-demand tables scale by themselves.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
# custom:
#   check_id: PL-DYNAMODB-007
#   control: dynamodb-scaling
#   severity: low
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - BillingMode
#     - related.AWS::ApplicationAutoScaling::ScalableTarget
#   remediation: Set BillingMode to PAY_PER_REQUEST, or declare a scalable target and a scaling policy
#     for the table.
#   hygiene: true
#   references:
#     - CKV2_AWS_16
package plumbline.aws.dynamodb.scaling

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	mode := lib.value(input.resource, ["BillingMode"], "PROVISIONED")
	mode == "PROVISIONED"
	lib.none_related("AWS::ApplicationAutoScaling::ScalableTarget")
	violation := {
		"message": sprintf("Table %s does not scale", [input.resource.Name]),
		"path": "BillingMode",
		"facts": {"BillingMode": mode},
	}
}
