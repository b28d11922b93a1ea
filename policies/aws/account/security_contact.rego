# METADATA
# title: A security contact is registered
# description: AWS tells the security contact of abuse and exposed keys; without one the mail goes to the owner
#   of the root address.
# related_resources:
#   - https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html
# custom:
#   check_id: PL-ACCOUNT-003
#   control: account-security-contact
#   severity: low
#   resource_types:
#     - AWS::Account::Account
#   reads:
#     - HasSecurityContact
#   remediation: Register an alternate contact of the type security.
#   hygiene: true
#   references: []
package plumbline.aws.account.security_contact

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["HasSecurityContact"], null) == false
	violation := {
		"message": sprintf("Account %s has no security contact", [input.resource.Name]),
		"path": "HasSecurityContact",
		"facts": {"HasSecurityContact": false},
	}
}
