# METADATA
# title: Key policies do not admit everyone
# description: A key policy that admits everyone lets any AWS account use the key that is meant to protect
#   you.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
# custom:
#   check_id: PL-KMS-002
#   control: kms-policy-public
#   severity: critical
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - KeyPolicy.Statement.Effect
#     - KeyPolicy.Statement.Principal
#     - KeyPolicy.Statement.Condition
#   remediation: Name the accounts and roles; use kms:CallerAccount or kms:ViaService where a service
#     needs the key.
#   hygiene: false
#   references:
#     - CKV_AWS_33
package plumbline.aws.kms.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.KeyPolicy)
	violation := {
		"message": sprintf("Key policy of %s admits everyone", [input.resource.Name]),
		"path": sprintf("KeyPolicy.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal"), "Action": object.get(found.statement, "Action", null)},
	}
}
