"""What a person should do about functions, events, workflows and what runs beside them."""

from remediation.blueprint import advise

advise("PL-LAMBDA-021", "Who else uses the layer is not in the template: name their accounts")
advise(
    "PL-LAMBDA-022",
    "Whether the other account is yours is not in the template: name it in the setting trusted_accounts",
)
advise(
    "PL-LAMBDA-023",
    "Who takes the role besides the function is not in the template: give them a role of their own",
)
advise(
    "PL-LAMBDA-024",
    "Which credentials the brokers accept is not in the template: keep them in Secrets Manager and name the secret",
)
advise("PL-LAMBDA-025", "How long a run takes is measured, not read from the template")
advise("PL-LAMBDA-026", "How much memory a run uses is measured, not read from the template")
advise(
    "PL-LAMBDA-027", "How often a failure may be tried again is a decision of the function's owner"
)
advise(
    "PL-LAMBDA-028",
    "Set VisibilityTimeout on the queue to six times the function's Timeout; consumers that rely on the shorter time must agree",
)
advise("PL-LAMBDA-029", "Which other subnets there are is not in the template")
advise(
    "PL-LAMBDA-030", "Every pipeline that deploys the functions must sign first: then set Enforce"
)
advise("PL-LAMBDA-031", "A newer runtime may break the code: test it, then change Runtime")
advise("PL-LAMBDA-032", "Set SourceAccount to the account that owns the bucket")
advise(
    "PL-LAMBDA-033",
    "Which resource invokes the function is not certain from the template: write its account in SourceArn",
)
advise(
    "PL-LAMBDA-034",
    "What the other side does with the function is not in the template: allow invoking only, and give the rest by a role",
)
advise("PL-LAMBDA-035", "Splitting a function is a change of its code")
advise(
    "PL-LAMBDA-036", "How many callers at once the function must serve is a decision of its owner"
)
