# METADATA
# title: Clusters encrypt their secrets with KMS
# description: 'Without a key of its own the secrets of a cluster are protected by the key of the
#   disks alone: whoever reads a backup of etcd reads them.'
# related_resources:
#   - https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
# custom:
#   check_id: PL-EKS-001
#   control: eks-secrets-encryption
#   severity: medium
#   resource_types:
#     - AWS::EKS::Cluster
#   reads:
#     - EncryptionConfig
#   remediation: Set EncryptionConfig with Resources secrets and Provider.KeyArn.
#   hygiene: false
#   references:
#     - CKV_AWS_58
package plumbline.aws.eks.secrets_encryption

import data.plumbline.lib

deny contains violation if {
	configured := object.get(input.resource.Properties, "EncryptionConfig", null)
	not lib.doubtful(configured)
	not seals(configured)
	violation := {
		"message": sprintf("Cluster %s does not encrypt its secrets", [input.resource.Name]),
		"path": "EncryptionConfig",
		"facts": {"EncryptionConfig": null},
	}
}

seals(configured) if {
	some entry in lib.as_array(configured)
	"secrets" in entry.Resources
	entry.Provider.KeyArn
}
