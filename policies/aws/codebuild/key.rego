# METADATA
# title: Build artifacts are encrypted with a customer managed key
# description: With a key of your own a key policy says who reads what was built.
# related_resources:
#   - https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html
# custom:
#   check_id: PL-CODEBUILD-005
#   control: codebuild-key
#   severity: low
#   resource_types:
#     - AWS::CodeBuild::Project
#   reads:
#     - EncryptionKey
#   remediation: Set EncryptionKey.
#   hygiene: true
#   references: []
package plumbline.aws.codebuild.key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["EncryptionKey"], "")
	unkeyed(key)
	violation := {
		"message": sprintf("Artifacts of build project %s are not encrypted with a key of your own", [input.resource.Name]),
		"path": "EncryptionKey",
		"facts": {"EncryptionKey": key},
	}
}

unkeyed(key) if key in {"", null}

unkeyed(key) if lib.aws_key(key)
