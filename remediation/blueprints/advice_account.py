"""Settings of a whole account and alarms on its trail: no template of one service holds them."""

from remediation.blueprint import advise

advise("PL-ACCOUNT-001", "Sign in as the root user and register an MFA device: no API does that")
advise("PL-ACCOUNT-002", "Sign in as the root user, register a security key, remove the phone's")
advise("PL-ACCOUNT-003", "Who answers for security is not known: register that address")
advise(
    "PL-ACCOUNT-004", "Which role those on duty take is not known: attach AWSSupportAccess to it"
)
advise("PL-ACCOUNT-005", "A recorder costs by the item: decide with the owner of the account")
advise("PL-ACCOUNT-006", "Security Hub costs by the check: decide with the owner of the account")
advise("PL-ACCOUNT-007", "Switch on encryption by default for the Region, then copy old volumes")
advise("PL-IAM-049", "What still names the certificate is not known: look, then delete it")
advise("PL-IAM-050", "Which sessions would be locked out is not known: try the policy on one group")
advise("PL-VPC-009", "What lives in the group is not known: give it a group of its own first")
advise("PL-RDS-007", "When the database may restart is a decision of its owner")
advise("PL-RDS-008", "A second zone doubles what the database costs: decide with its owner")
advise(
    "PL-APIGATEWAY-032", "Whether old callers need TLS 1.0 is not known: read tlsVersion in the log"
)
advise(
    "PL-APIGATEWAY-033", "A lifecycle is a decision about the next plan: add it and read the plan"
)
for _number in range(20, 35):
    advise(
        f"PL-CLOUDTRAIL-{_number:03d}",
        "Whom the alarm tells is not known: add the metric filter, and an alarm to their topic",
    )
