# METADATA
# title: Build logs in S3 are encrypted
# description: Build logs tell of systems, and of secrets that slipped into them.
# related_resources:
#   - https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html
# custom:
#   check_id: PL-CODEBUILD-001
#   control: codebuild-log-encryption
#   severity: medium
#   resource_types:
#     - AWS::CodeBuild::Project
#   reads:
#     - LogsConfig.S3Logs.EncryptionDisabled
#     - LogsConfig.S3Logs.Status
#   remediation: Set LogsConfig.S3Logs.EncryptionDisabled to false.
#   hygiene: false
#   references:
#     - CKV_AWS_311
package plumbline.aws.codebuild.log_encryption

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["LogsConfig", "S3Logs", "EncryptionDisabled"], false))
	lib.value(input.resource, ["LogsConfig", "S3Logs", "Status"], "ENABLED") == "ENABLED"
	violation := {
		"message": sprintf("Project %s writes build logs in the clear", [input.resource.Name]),
		"path": "LogsConfig.S3Logs.EncryptionDisabled",
		"facts": {"EncryptionDisabled": true},
	}
}
