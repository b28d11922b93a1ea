"""What a person should do about functions, events, workflows and what runs beside them."""

from remediation.blueprint import advise

advise("PL-LAMBDA-021", "Who else uses the layer is not in the template: name their accounts")
for _check in ("PL-LAMBDA-022", "PL-EVENTS-004", "PL-EVENTS-006"):
    advise(
        _check,
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
advise(
    "PL-LAMBDA-027", "How often a failure may be tried again is a decision of the function's owner"
)
advise("PL-LAMBDA-029", "Which other subnets there are is not in the template")
advise("PL-LAMBDA-031", "A newer runtime may break the code: test it, then change Runtime")
advise(
    "PL-LAMBDA-034",
    "What the other side does with the function is not in the template: allow invoking only, and give the rest by a role",
)
advise("PL-LAMBDA-035", "Splitting a function is a change of its code")
advise(
    "PL-LAMBDA-036", "How many callers at once the function must serve is a decision of its owner"
)
advise(
    "PL-EVENTS-003",
    "What the other account does with the bus is not in the template: allow putting events only",
)
for _check in (
    "PL-EVENTS-005",
    "PL-SCHEDULER-002",
    "PL-STATES-004",
    "PL-SAGEMAKER-004",
    "PL-CODEBUILD-005",
):
    advise(
        _check,
        "Which key fits is a decision: name one whose policy admits those who read and write this",
    )
advise(
    "PL-PIPES-001", "Where the logs go is not in the template: name a log group with a retention"
)
advise(
    "PL-EVENTS-007",
    "A secret in a template must be treated as leaked: change it, keep it in Secrets Manager and refer to it",
)
advise(
    "PL-STATES-003",
    "Execution data may be personal: decide who reads the log group, then log ALL with IncludeExecutionData",
)
for _check in ("PL-STATES-005", "PL-STATES-006", "PL-SAGEMAKER-002"):
    advise(
        _check,
        "Which permissions are really used is not in the template: read the role's last-accessed report and list the actions and resources one by one",
    )
advise(
    "PL-SAGEMAKER-003",
    "Which subnet and endpoints the notebook needs instead is not in the template",
)
advise("PL-ECS-001", "Which capability the container needs instead is not in the template")
advise("PL-ECS-002", "Which user the image can run as is not in the template")
advise(
    "PL-ECS-003",
    "A secret in a template must be treated as leaked: rotate it, keep it in Secrets Manager and name it under Secrets",
)
advise(
    "PL-ECS-004", "Which log group takes the logs is not in the template: name one with a retention"
)
advise("PL-BATCH-001", "Which capability the job needs instead is not in the template")
advise(
    "PL-CODEBUILD-002",
    "A secret in a project must be treated as leaked: rotate it, keep it in Secrets Manager and refer to it",
)
advise(
    "PL-CODEBUILD-003",
    "A token in a project must be treated as leaked: revoke it, and connect the repository",
)
advise(
    "PL-CODEBUILD-004", "Whether the build makes images is in its buildspec, not in the template"
)
advise("PL-EC2-001", "Which permissions the programs on the instance need is not in the template")
advise(
    "PL-GLUE-001",
    "Which key the configuration uses is a decision: declare an AWS::Glue::SecurityConfiguration and name it",
)
