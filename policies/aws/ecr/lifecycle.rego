# METADATA
# title: Repositories delete old images
# description: Old images have old holes, and are paid for by the gigabyte.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
# custom:
#   check_id: PL-ECR-005
#   control: ecr-lifecycle
#   severity: low
#   resource_types:
#     - AWS::ECR::Repository
#   reads:
#     - LifecyclePolicy!
#   remediation: Set LifecyclePolicy with how many images are kept.
#   hygiene: true
#   compliance:
#     SOC2: [C1.2]
#     NIST 800-53: [SI-12]
#     GDPR: [5(1)(e)]
#     ISO 27001: [A.8.10]
#   references: []
package plumbline.aws.ecr.lifecycle

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["LifecyclePolicy"])
	violation := {
		"message": sprintf("Repository %s keeps every image for ever", [input.resource.Name]),
		"path": "LifecyclePolicy",
		"facts": {"LifecyclePolicy": null},
	}
}
