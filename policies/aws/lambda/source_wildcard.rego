# METADATA
# title: Function permissions name one account as their source
# description: A source ARN with a wildcard for the account lets resources of every account invoke the function
#   through the service.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
# custom:
#   check_id: PL-LAMBDA-033
#   control: lambda-permission-source-wildcard
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Permission
#   reads:
#     - Principal
#     - SourceArn
#     - SourceAccount
#     - PrincipalOrgID
#   remediation: Write the account in SourceArn, or add SourceAccount.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.source_wildcard

import data.plumbline.lib

deny contains violation if {
	arn := lib.value(input.resource, ["SourceArn"], "")
	any_account(arn)
	every limit in ["SourceAccount", "PrincipalOrgID"] {
		lib.absent(input.resource, [limit])
	}
	violation := {
		"message": sprintf("Permission %s trusts resources of every account", [input.resource.Name]),
		"path": "SourceArn",
		"facts": {"SourceArn": arn},
	}
}

any_account(arn) if arn == "*"

any_account(arn) if {
	parts := lib.arn_fields(arn)
	parts[0] == "arn"
	parts[4] == "*"
}
