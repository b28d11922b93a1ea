# METADATA
# title: Secrets rotate automatically
# description: A secret that never changes stays useful to whoever once saw it.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
# custom:
#   check_id: PL-SECRETS-001
#   control: secret-rotation
#   severity: medium
#   resource_types:
#     - AWS::SecretsManager::Secret
#   reads:
#     - RotationEnabled
#     - related.AWS::SecretsManager::RotationSchedule
#   remediation: Add a RotationSchedule with a rotation function.
#   hygiene: false
#   compliance:
#     SOC2: [CC6.1]
#     NIST 800-53: [IA-5]
#     PCI DSS: [8.6.2]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.17]
#   references:
#     - CKV2_AWS_57
package plumbline.aws.secretsmanager.rotation

import data.plumbline.lib

deny contains violation if {
	lib.none_related("AWS::SecretsManager::RotationSchedule")
	lib.off(input.resource, ["RotationEnabled"])
	violation := {
		"message": sprintf("Secret %s does not rotate", [input.resource.Name]),
		"path": "RotationEnabled",
		"facts": {"RotationEnabled": false},
	}
}
