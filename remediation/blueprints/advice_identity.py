"""What a person should do about identities: IAM and Cognito."""

from remediation.blueprint import advise

advise("PL-COGNITO-007", "Which flow the app uses is not in the template: change the app first")
advise("PL-COGNITO-008", "The app must be changed to the code flow with PKCE first")
advise(
    "PL-COGNITO-010",
    "Whether the page answers over TLS is not in the template: give it a certificate, then change the URL",
)
advise("PL-COGNITO-014", "Which resources guests need is not in the template: list them one by one")
for _check in (
    "PL-IAM-010",
    "PL-IAM-011",
    "PL-IAM-012",
    "PL-IAM-013",
    "PL-IAM-014",
    "PL-IAM-031",
    "PL-IAM-037",
):
    advise(
        _check,
        "Which permissions are really used is not in the template: read the role's last-accessed report and list the actions and resources one by one",
    )
advise(
    "PL-IAM-015",
    "Write the one action that takes the role, sts:AssumeRole as a rule; who takes it with tags must be asked",
)
advise(
    "PL-IAM-017",
    "Whose tokens may take the role is not in the template: name the subjects in the condition",
)
advise("PL-IAM-018", "A second factor is registered by its user, not by a template")
advise(
    "PL-IAM-019",
    "How the person signs in instead must be set up first: then remove the login profile",
)
advise("PL-IAM-020", "Whatever uses the key must get the new one first")
advise(
    "PL-IAM-021",
    "Whether the credential is kept for an emergency is not known: ask its owner, then switch it off",
)
advise("PL-IAM-022", "Which key is still in use is not in the template")
advise("PL-IAM-023", "What the person or program uses instead must be set up first")
advise("PL-IAM-024", "Which group the user belongs to is not known")
advise("PL-IAM-025", "Whether the group is still needed is not in the template")
advise("PL-IAM-026", "Set PasswordResetRequired to true, and tell the user")
advise(
    "PL-IAM-027",
    "A password in a template must be treated as leaked: change it, and keep no password in the template",
)
advise(
    "PL-IAM-028", "Only the root user can delete its keys: whatever uses the key needs a role first"
)
advise("PL-IAM-029", "What uses the key needs a role first: then remove the key")
advise("PL-IAM-030", "Which group or role the users belong to is not known")
advise("PL-IAM-033", "Whether a yearly job needs the role is not known: ask its owner")
advise("PL-IAM-034", "Who works in CloudShell is not in the template")
for _check in ("PL-IAM-035", "PL-IAM-036"):
    advise(
        _check,
        "CloudFormation cannot declare the account's password policy: change it in IAM or in Terraform",
    )
advise(
    "PL-IAM-032",
    "Who else relies on this access is not in the template: name the principals that need it, or accept the risk with its reason if it is public on purpose",
)
