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
#   compliance:
#     SOC2: [CC6.1, CC6.7]
#     NIST 800-53: [SC-28]
#     PCI DSS: [3.5.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
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
