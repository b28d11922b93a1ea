# METADATA
# title: Function roles do not allow all actions of a service
# description: '`service:*` includes deleting, changing permissions and whatever AWS adds next year;
#   a function uses a handful of actions.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html
# custom:
#   check_id: PL-LAMBDA-015
#   control: lambda-role-wildcard
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Role
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Action
#   remediation: List the actions that the code calls; IAM Access Analyzer can generate the policy from
#     CloudTrail.
#   hygiene: false
#   references:
#     - CKV_AWS_63
package plumbline.aws.lambda.role_wildcard

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.role_allows
	some action in iam.actions(allow.statement)
	unlimited(allow.statement, action)
	violation := {
		"message": sprintf("Function %s may do %s through %s", [input.resource.Name, action, allow.holder.Name]),
		"path": "Role",
		"facts": {"holder": allow.holder.uid, "statement": iam.at(allow.place), "action": action},
	}
}

unlimited(_, action) if {
	endswith(action, ":*")
	action != "*:*"
}

# Administrators of everything have a check of their own.
unlimited(statement, action) if {
	action in {"*", "*:*"}
	not iam.full_admin(statement)
	not lib.doubtful(object.get(statement, "Resource", null))
}
