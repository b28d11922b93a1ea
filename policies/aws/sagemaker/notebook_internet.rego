# METADATA
# title: Notebooks have no direct way to the internet
# description: What runs in a notebook can send data anywhere, past the VPC's controls.
# related_resources:
#   - https://docs.aws.amazon.com/sagemaker/latest/dg/appendix-notebook-and-internet-access.html
# custom:
#   check_id: PL-SAGEMAKER-003
#   control: sagemaker-notebook-internet
#   severity: medium
#   resource_types:
#     - AWS::SageMaker::NotebookInstance
#   reads:
#     - DirectInternetAccess
#   remediation: Set DirectInternetAccess to Disabled and SubnetId to a private subnet.
#   hygiene: false
#   references: []
package plumbline.aws.sagemaker.notebook_internet

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["DirectInternetAccess"], "Enabled") != "Disabled"
	violation := {
		"message": sprintf("Notebook %s reaches the internet directly", [input.resource.Name]),
		"path": "DirectInternetAccess",
		"facts": {"DirectInternetAccess": "Enabled"},
	}
}
