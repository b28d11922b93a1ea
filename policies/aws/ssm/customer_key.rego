# METADATA
# title: SecureString parameters are encrypted with a customer managed key
# description: With AWS's own key every principal of the account that may read the parameter may
#   decrypt it; a key of your own is a second lock.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
# custom:
#   check_id: PL-SSM-002
#   control: ssm-cmk
#   severity: low
#   resource_types:
#     - AWS::SSM::Parameter
#   reads:
#     - Type
#     - KeyId
#   remediation: Write the parameter again with the id of a customer managed key.
#   hygiene: true
#   references: []
package plumbline.aws.ssm.customer_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Type"], "String") == "SecureString"
	key := lib.value(input.resource, ["KeyId"], "alias/aws/ssm")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Parameter %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KeyId",
		"facts": {"KeyId": key},
	}
}
