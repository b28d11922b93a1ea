# METADATA
# title: Function permissions never admit everyone
# description: A permission for principal * without a limit lets every AWS account, and through a URL
#   without authentication everyone, invoke the function. The companion permission that holds through
#   the URL only (InvokedViaFunctionUrl) opens nothing by itself and is left out.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
#   - https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
# custom:
#   check_id: PL-LAMBDA-004
#   control: lambda-not-public
#   severity: critical
#   resource_types:
#     - AWS::Lambda::Permission
#   reads:
#     - Principal
#     - SourceAccount
#     - SourceArn
#     - PrincipalOrgID
#     - FunctionUrlAuthType
#     - InvokedViaFunctionUrl
#   remediation: Name the principal, or add SourceArn, SourceAccount or PrincipalOrgID.
#   hygiene: false
#   references:
#     - CKV_AWS_301
package plumbline.aws.lambda.public_permission

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Principal"], "") in {"*", "arn:aws:iam::*:root"}
	every limit in ["SourceAccount", "SourceArn", "PrincipalOrgID"] {
		lib.absent(input.resource, [limit])
	}
	lib.value(input.resource, ["FunctionUrlAuthType"], "") != "AWS_IAM"
	lib.off(input.resource, ["InvokedViaFunctionUrl"])
	violation := {
		"message": sprintf("Permission %s lets everyone %s", [input.resource.Name, action]),
		"path": "Principal",
		"facts": {"Principal": "*", "Action": action},
	}
}

action := object.get(input.resource.Properties, "Action", "lambda:InvokeFunction")
