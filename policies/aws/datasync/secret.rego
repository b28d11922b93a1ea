# METADATA
# title: Transfer locations do not hold secret keys
# description: The secret key of an object store in a template is readable by everyone who may read
#   the repository, its history, or the stack.
# related_resources:
#   - https://docs.aws.amazon.com/datasync/latest/userguide/create-object-location.html
# custom:
#   check_id: PL-DATASYNC-001
#   control: datasync-secret
#   severity: high
#   resource_types:
#     - AWS::DataSync::LocationObjectStorage
#   reads:
#     - SecretKey
#   remediation: Keep the key in Secrets Manager and set CmkSecretConfig or CustomSecretConfig; rotate
#     the one that was written down.
#   hygiene: false
#   references:
#     - CKV_AWS_295
package plumbline.aws.datasync.secret

import data.plumbline.lib

deny contains violation if {
	text := lib.value(input.resource, ["SecretKey"], "")
	is_string(text)
	text != ""
	not contains(text, "{{resolve:")
	not startswith(text, "${")
	violation := {
		"message": sprintf("Location %s holds a secret key", [input.resource.Name]),
		"path": "SecretKey",
		"facts": {"why": "a literal value"},
	}
}
