# METADATA
# title: The root user's MFA is a hardware device
# description: A virtual device lives on a phone, which is lost, replaced and attacked more often than a key in
#   a safe.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html
# custom:
#   check_id: PL-ACCOUNT-002
#   control: account-root-hardware-mfa
#   severity: low
#   resource_types:
#     - AWS::Account::Account
#   reads:
#     - RootMfaActive
#     - RootMfaIsVirtual
#   remediation: Register a hardware device or a passkey on a security key, and remove the virtual one.
#   hygiene: true
#   references: []
package plumbline.aws.account.root_hardware_mfa

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["RootMfaActive"], null) == true
	lib.value(input.resource, ["RootMfaIsVirtual"], null) == true
	violation := {
		"message": sprintf("The root user of account %s has a virtual MFA device", [input.resource.Name]),
		"path": "RootMfaIsVirtual",
		"facts": {"RootMfaIsVirtual": true},
	}
}

deny contains violation if {
	lib.value(input.resource, ["RootMfaActive"], null) == false
	violation := {
		"message": sprintf("The root user of account %s has no MFA device", [input.resource.Name]),
		"path": "RootMfaActive",
		"facts": {"RootMfaActive": false},
	}
}
