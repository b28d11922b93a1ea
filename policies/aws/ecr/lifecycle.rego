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
