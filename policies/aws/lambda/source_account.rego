# METADATA
# title: Function permissions for S3 name the bucket's account
# description: 'A bucket''s ARN carries no account: once a bucket is deleted, another account can make one
#   of that name and invoke the function with its events.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html
# custom:
#   check_id: PL-LAMBDA-032
#   control: lambda-permission-source-account
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Permission
#   reads:
#     - Principal
#     - SourceArn
#     - SourceAccount
#     - PrincipalOrgID
#   remediation: Add SourceAccount.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.source_account

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Principal"], "") == "s3.amazonaws.com"
	not lib.absent(input.resource, ["SourceArn"])
	every limit in ["SourceAccount", "PrincipalOrgID"] {
		lib.absent(input.resource, [limit])
	}
	violation := {
		"message": sprintf("Permission %s trusts a bucket by its name alone", [input.resource.Name]),
		"path": "SourceAccount",
		"facts": {"SourceArn": input.resource.Properties.SourceArn},
	}
}
