# METADATA
# title: New EBS volumes are encrypted by default
# description: A volume made without a thought is stored in the clear, and so are its snapshots.
# related_resources:
#   - https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
# custom:
#   check_id: PL-ACCOUNT-007
#   control: account-ebs-encryption
#   severity: medium
#   resource_types:
#     - AWS::Account::Region
#   reads:
#     - EbsEncryptionByDefault
#   remediation: Turn on encryption by default for EBS in the Region.
#   hygiene: false
#   references: []
package plumbline.aws.account.volume_encryption

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["EbsEncryptionByDefault"], null) == false
	violation := {
		"message": sprintf("New EBS volumes in %s are not encrypted by default", [input.resource.Name]),
		"path": "EbsEncryptionByDefault",
		"facts": {"EbsEncryptionByDefault": false},
	}
}
