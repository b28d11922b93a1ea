# METADATA
# title: The account's password policy ends passwords after 90 days
# description: PCI DSS asks for it where a password is the only factor; NIST SP 800-63B advises
#   against it. Hygiene, for those who must.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-047
#   control: iam-password-policy-expiry
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - MaxPasswordAge
#   remediation: Set MaxPasswordAge to 90 or less.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_expiry

import data.plumbline.lib

deny contains violation if {
	age_days := to_number(lib.value(input.resource, ["MaxPasswordAge"], 0))
	not in_time(age_days)
	violation := {
		"message": "Console passwords of the account live for more than 90 days",
		"path": "MaxPasswordAge",
		"facts": {"MaxPasswordAge": age_days, "most": most_days},
	}
}

# 0 stands for passwords that never expire.
in_time(age_days) if {
	age_days > 0
	age_days <= most_days
}

# Source: PCI DSS 4.0, 8.3.9.
most_days := 90
