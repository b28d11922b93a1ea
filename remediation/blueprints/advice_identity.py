"""What a person should do about identities: IAM and Cognito."""

from remediation.blueprint import advise

advise(
    "PL-COGNITO-004", "Whether the app serves people who have not signed in is not in the template"
)
advise("PL-COGNITO-005", "Which apps call GetOpenIdToken themselves is not in the template")
advise(
    "PL-COGNITO-006",
    "A pool that a pipeline makes and deletes for tests must stay deletable: set DeletionProtection on the others",
)
advise("PL-COGNITO-007", "Which flow the app uses is not in the template: change the app first")
advise("PL-COGNITO-008", "The app must be changed to the code flow with PKCE first")
advise(
    "PL-COGNITO-009",
    "An app that reads these errors must be changed first: then set PreventUserExistenceErrors to ENABLED",
)
advise(
    "PL-COGNITO-010",
    "Whether the page answers over TLS is not in the template: give it a certificate, then change the URL",
)
advise("PL-COGNITO-011", "Set EnableTokenRevocation to true; tokens that are out stay as they are")
advise("PL-COGNITO-012", "Whether people register themselves is a decision of the app's owner")
advise(
    "PL-COGNITO-013",
    "People who have weaker passwords are asked at their next change: set the four kinds to true",
)
advise("PL-COGNITO-014", "Which resources guests need is not in the template: list them one by one")
