"""Checks that no edit of a template can put right, with what a person should do instead."""

from remediation.blueprint import advise

_LEAST = (
    "Which permissions are really used is not in the template: read the role's last-accessed "
    "report and list the actions and resources one by one"
)
_PUBLIC = (
    "Who else relies on this access is not in the template: name the principals that need it, or "
    "accept the risk with its reason if it is public on purpose"
)
_FIREWALL = "A web firewall needs rules that fit its traffic: create a web ACL and associate it"

advise("PL-LAMBDA-001", "Which subnets and security groups the function belongs to is not known")
advise(
    "PL-LAMBDA-006",
    "A secret in a template must be treated as leaked: rotate it, keep it in Secrets Manager and "
    "let the function read it there",
)
advise("PL-LAMBDA-008", "A newer runtime may break the code: test it, then change Runtime")
advise("PL-LAMBDA-012", "Code signing needs a signing profile and a pipeline that signs")
for _check in ("PL-LAMBDA-014", "PL-LAMBDA-015", "PL-IAM-001", "PL-IAM-002", "PL-IAM-003"):
    advise(_check, _LEAST)
advise(
    "PL-LAMBDA-016", "Splitting a shared role needs to know which function uses which permission"
)
advise("PL-LAMBDA-019", "Which web origins call the function URL is not known: list them")
advise("PL-LAMBDA-020", "Copy the layer into an account you trust and refer to it there")
advise("PL-IAM-004", _LEAST)
advise("PL-IAM-005", _PUBLIC)
advise("PL-IAM-006", "The external id must be agreed with the other account first")
advise(
    "PL-IAM-007", "Which repositories may take the role is not known: name them in the condition"
)
advise("PL-IAM-008", _LEAST)
advise("PL-IAM-009", "Which group the user belongs to is not known")
for _check in ("PL-APIGATEWAY-005", "PL-APPSYNC-003", "PL-CLOUDFRONT-004"):
    advise(_check, _FIREWALL)
advise("PL-APIGATEWAY-011", "Which web origins call the API is not known: list them")
advise("PL-SECRETS-001", "Rotation needs a function that knows how to change this very secret")
advise("PL-SSM-001", "CloudFormation cannot declare a SecureString: use a Secrets Manager secret")
advise("PL-APPSYNC-002", "Which callers the API has is not known: name an authorization of theirs")
advise("PL-CLOUDFRONT-003", "Which bucket keeps the access logs is not known: name one")
