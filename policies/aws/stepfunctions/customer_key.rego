# METADATA
# title: State machines are encrypted with a customer managed key
# description: With a key of your own a key policy says who reads definitions and the data of executions.
# related_resources:
#   - https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
# custom:
#   check_id: PL-STATES-004
#   control: stepfunctions-key
#   severity: low
#   resource_types:
#     - AWS::StepFunctions::StateMachine
#   reads:
#     - EncryptionConfiguration.Type
#   remediation: Set EncryptionConfiguration with Type CUSTOMER_MANAGED_KMS_KEY and KmsKeyId.
#   hygiene: true
#   references: []
package plumbline.aws.stepfunctions.customer_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["EncryptionConfiguration", "Type"], "AWS_OWNED_KEY") != "CUSTOMER_MANAGED_KMS_KEY"
	violation := {
		"message": sprintf("State machine %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "EncryptionConfiguration",
		"facts": {"Type": "AWS_OWNED_KEY"},
	}
}
