# METADATA
# title: Serverless warehouses are encrypted with a customer managed key
# description: Redshift Serverless encrypts with a key of its own unless told otherwise; only a
#   customer managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-workgroups-and-namespaces-rotate-kms-key.html
# custom:
#   check_id: PL-REDSHIFT-002
#   control: redshift-serverless-cmk
#   severity: low
#   resource_types:
#     - AWS::RedshiftServerless::Namespace
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_282
package plumbline.aws.redshift.namespace_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Serverless warehouse %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
