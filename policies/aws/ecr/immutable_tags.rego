# METADATA
# title: Repositories keep image tags immutable
# description: A tag that can be moved can be made to point at other code than was reviewed.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
# custom:
#   check_id: PL-ECR-002
#   control: ecr-immutable
#   severity: low
#   resource_types:
#     - AWS::ECR::Repository
#   reads:
#     - ImageTagMutability
#   remediation: Set ImageTagMutability to IMMUTABLE.
#   hygiene: false
#   references:
#     - CKV_AWS_51
package plumbline.aws.ecr.immutable_tags

import data.plumbline.lib

deny contains violation if {
	mutability := lib.value(input.resource, ["ImageTagMutability"], "MUTABLE")
	not startswith(mutability, "IMMUTABLE")
	violation := {
		"message": sprintf("Repository %s lets tags be moved to other images", [input.resource.Name]),
		"path": "ImageTagMutability",
		"facts": {"ImageTagMutability": mutability},
	}
}
