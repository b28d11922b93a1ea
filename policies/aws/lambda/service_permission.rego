# METADATA
# title: Function permissions for AWS services are limited to a source
# description: A service acts for every AWS customer. A permission for a service without SourceArn or
#   SourceAccount lets anyone's bucket, topic or API invoke the function through it (confused deputy).
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
# custom:
#   check_id: PL-LAMBDA-005
#   control: lambda-service-source
#   severity: high
#   resource_types:
#     - AWS::Lambda::Permission
#   reads:
#     - Principal
#     - SourceAccount
#     - SourceArn
#     - PrincipalOrgID
#   remediation: Add SourceArn (and SourceAccount for S3, whose ARNs name no account).
#   hygiene: false
#   references:
#     - CKV_AWS_364
package plumbline.aws.lambda.service_permission

import data.plumbline.lib

deny contains violation if {
	principal := lib.value(input.resource, ["Principal"], "")
	is_string(principal)
	endswith(principal, ".amazonaws.com")
	every limit in ["SourceAccount", "SourceArn", "PrincipalOrgID", "EventSourceToken"] {
		lib.absent(input.resource, [limit])
	}
	violation := {
		"message": sprintf("Permission %s lets %s invoke on behalf of any account", [input.resource.Name, principal]),
		"path": "Principal",
		"facts": {"Principal": principal},
	}
}
