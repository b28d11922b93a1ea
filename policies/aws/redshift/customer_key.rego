# METADATA
# title: Warehouses are encrypted with KMS
# description: A warehouse gathers what all other stores hold; a key of its own can be audited,
#   limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-db-encryption.html
# custom:
#   check_id: PL-REDSHIFT-001
#   control: redshift-kms
#   severity: medium
#   resource_types:
#     - AWS::Redshift::Cluster
#   reads:
#     - Encrypted
#     - KmsKeyId
#   remediation: Set Encrypted to true and KmsKeyId to a key of your own.
#   hygiene: false
#   references:
#     - CKV_AWS_142
package plumbline.aws.redshift.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not sealed(key)
	lib.known_at(input.resource, [["Encrypted"]])
	violation := {
		"message": sprintf("Warehouse %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}

sealed(key) if {
	lib.customer_key(key)
	not lib.off(input.resource, ["Encrypted"])
}
