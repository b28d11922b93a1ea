# METADATA
# title: Human review workflows encrypt their output with a customer managed key
# description: The output holds what reviewers saw and said; with a key of your own a key policy says who
#   reads it.
# related_resources:
#   - https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_FlowDefinitionOutputConfig.html
# custom:
#   check_id: PL-SAGEMAKER-004
#   control: sagemaker-flow-definition-key
#   severity: low
#   resource_types:
#     - AWS::SageMaker::FlowDefinition
#   reads:
#     - OutputConfig.KmsKeyId
#   remediation: Set OutputConfig.KmsKeyId.
#   hygiene: true
#   compliance:
#     SOC2: [CC6.1]
#     NIST 800-53: [SC-12, SC-28]
#     PCI DSS: [3.6.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
#   references:
#     - CKV_AWS_372
package plumbline.aws.sagemaker.flow_definition_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["OutputConfig", "KmsKeyId"], "") in {"", null}
	violation := {
		"message": sprintf("The output of workflow %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "OutputConfig.KmsKeyId",
		"facts": {"KmsKeyId": null},
	}
}
