# METADATA
# title: Query results are encrypted
# description: What a query selects is written to a bucket as a file, of the most interesting kind.
# related_resources:
#   - https://docs.aws.amazon.com/athena/latest/ug/encrypting-query-results-stored-in-s3.html
# custom:
#   check_id: PL-ATHENA-001
#   control: athena-encryption
#   severity: low
#   resource_types:
#     - AWS::Athena::WorkGroup
#   reads:
#     - WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.EncryptionOption
#   remediation: Set ResultConfiguration.EncryptionConfiguration with SSE_KMS and a key.
#   hygiene: true
#   references: []
package plumbline.aws.athena.encryption

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["WorkGroupConfiguration", "ResultConfiguration", "EncryptionConfiguration", "EncryptionOption"])
	lib.absent(input.resource, ["WorkGroupConfiguration", "ManagedQueryResultsConfiguration", "Enabled"])
	violation := {
		"message": sprintf("Workgroup %s does not say how results are encrypted", [input.resource.Name]),
		"path": "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration",
		"facts": {"EncryptionOption": null},
	}
}
