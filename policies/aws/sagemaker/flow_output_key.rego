# METADATA
# title: Human reviews are kept under a customer managed key
# description: What people reviewed, and what they said of it, lies in a bucket; only a customer
#   managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/sagemaker/latest/dg/a2i-permissions-security.html
# custom:
#   check_id: PL-SAGEMAKER-001
#   control: sagemaker-flow-cmk
#   severity: low
#   resource_types:
#     - AWS::SageMaker::FlowDefinition
#   reads:
#     - OutputConfig.KmsKeyId
#   remediation: Set OutputConfig.KmsKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_372
package plumbline.aws.sagemaker.flow_output_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["OutputConfig", "KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Flow definition %s keeps reviews without a key of your own", [input.resource.Name]),
		"path": "OutputConfig.KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
