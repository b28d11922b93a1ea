"""What a person should do about APIs: API Gateway and AppSync."""

from remediation.blueprint import advise

advise(
    "PL-APIGATEWAY-014",
    "A cache costs by the hour: whether this API is read often enough is not in the template",
)
advise(
    "PL-APIGATEWAY-015",
    "Which methods give the same answer to the same request is not in the template",
)
advise(
    "PL-APIGATEWAY-016",
    "The back ends must check the certificate first, which is not in the template",
)
advise(
    "PL-APIGATEWAY-017",
    "What a valid request looks like is not in the template: describe it in a model, then add a validator",
)
for _check in ("PL-APIGATEWAY-018", "PL-APPSYNC-007"):
    advise(
        _check,
        "Rules of a firewall must fit its traffic: add the rule group in count mode first, then let it refuse",
    )
advise(
    "PL-APIGATEWAY-019",
    "Who still calls the default endpoint is not in the template: read the access log before closing it",
)
advise(
    "PL-APIGATEWAY-020",
    "Which networks call the API is not in the template: name their VPC endpoints in the policy",
)
advise(
    "PL-APIGATEWAY-021",
    "Which clients the API serves is not in the template: list their ids as the audience",
)
advise("PL-APIGATEWAY-022", "Which web origins call the API is not known: name them")
advise("PL-APIGATEWAY-023", "Which web origins call the API is not known: list them")
advise(
    "PL-APIGATEWAY-024",
    "Which fields your log queries read is not in the template: write the format as JSON of $context variables",
)
advise(
    "PL-APIGATEWAY-025",
    "Whether the back end offers TLS is not in the template: give it a certificate, then change the URL",
)
advise(
    "PL-APIGATEWAY-027", "Which callers the API has is not known: name an authorization of theirs"
)
advise(
    "PL-APIGATEWAY-028",
    "A secret in a stage must be treated as leaked: rotate it, keep it in Secrets Manager and read it there",
)
for _check in ("PL-APPSYNC-004", "PL-APPSYNC-005"):
    advise(_check, "Encryption can only be set when the cache is made: declare a new one")
advise(
    "PL-APPSYNC-010",
    "Which fields are public on purpose is not in the template: mark them, or remove the provider",
)
advise(
    "PL-APPSYNC-012",
    "Whether the data source offers TLS is not in the template: give it a certificate, then change the endpoint",
)
advise(
    "PL-APIGATEWAY-034",
    "Which callers the operations have is not in the template: name an authorizer that fits them, in "
    "SAM as DefaultAuthorizer, or accept the risk with its reason if they are public on purpose",
)
