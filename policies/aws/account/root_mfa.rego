# METADATA
# title: The root user has MFA
# description: Whoever has the root user's password owns the account, and no policy limits it.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html
# custom:
#   check_id: PL-ACCOUNT-001
#   control: account-root-mfa
#   severity: high
#   resource_types:
#     - AWS::Account::Account
#   reads:
#     - RootMfaActive
#   remediation: Register an MFA device for the root user, or remove its credentials by AWS Organizations' central root access.
#   hygiene: false
#   references: []
package plumbline.aws.account.root_mfa

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["RootMfaActive"], null) == false
	violation := {
		"message": sprintf("The root user of account %s signs in without MFA", [input.resource.Name]),
		"path": "RootMfaActive",
		"facts": {"RootMfaActive": false},
	}
}
