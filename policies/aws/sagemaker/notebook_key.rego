# METADATA
# title: Notebook volumes are encrypted with a customer managed key
# description: The volume keeps the data that was analysed; with a key of your own a key policy says who
#   reads it.
# related_resources:
#   - https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html
# custom:
#   check_id: PL-SAGEMAKER-004
#   control: sagemaker-notebook-key
#   severity: low
#   resource_types:
#     - AWS::SageMaker::NotebookInstance
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId.
#   hygiene: true
#   compliance:
#     SOC2: [CC6.1]
#     NIST 800-53: [SC-12, SC-28]
#     PCI DSS: [3.6.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
#   references: []
package plumbline.aws.sagemaker.notebook_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsKeyId"], "") in {"", null}
	violation := {
		"message": sprintf("The volume of notebook %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": null},
	}
}
