# METADATA
# title: Roles trusted by shared services are limited to this account
# description: These services act for every customer. Without a condition on the source another customer
#   may have the service use this role (confused deputy). Named are the services whose documentation asks
#   for the condition in the role's trust policy.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
#   - https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
#   - https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
#   - https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
# custom:
#   check_id: PL-IAM-016
#   control: iam-service-trust
#   severity: low
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Principal
#     - AssumeRolePolicyDocument.Statement.Condition
#   remediation: Add a condition on aws:SourceAccount or aws:SourceArn to the trust policy.
#   hygiene: true
#   references: []
package plumbline.aws.iam.service_trust

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	some service in iam.texts(statement.Principal.Service)
	service in shared
	not limited(statement)
	violation := {
		"message": sprintf("Role %s can be used by %s on behalf of any account", [input.resource.Name, service]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Condition", [i]),
		"facts": {"Service": service},
	}
}

# Source: the documentation of each service, read 2026-11-24.
shared := {
	"bedrock.amazonaws.com",
	"codebuild.amazonaws.com",
	"pipes.amazonaws.com",
	"scheduler.amazonaws.com",
	"states.amazonaws.com",
}

limited(statement) if lib.unknown(statement.Condition)

limited(statement) if {
	some keys in statement.Condition
	is_object(keys)
	some key, _ in keys
	lower(key) in {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalorgid"}
}
