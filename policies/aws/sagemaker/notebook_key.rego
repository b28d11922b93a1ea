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
