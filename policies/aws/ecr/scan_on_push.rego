# METADATA
# title: Repositories scan images on push
# description: An image with known vulnerabilities is best found before it runs.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
# custom:
#   check_id: PL-ECR-001
#   control: ecr-scan
#   severity: medium
#   resource_types:
#     - AWS::ECR::Repository
#   reads:
#     - ImageScanningConfiguration.ScanOnPush
#   remediation: Set ImageScanningConfiguration.ScanOnPush to true, or scan the registry.
#   hygiene: false
#   references:
#     - CKV_AWS_163
package plumbline.aws.ecr.scan_on_push

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["ImageScanningConfiguration", "ScanOnPush"])
	violation := {
		"message": sprintf("Repository %s does not scan images on push", [input.resource.Name]),
		"path": "ImageScanningConfiguration.ScanOnPush",
		"facts": {"ScanOnPush": false},
	}
}
