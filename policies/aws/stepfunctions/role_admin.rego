# METADATA
# title: State machines do not run as administrator
# description: 'Whoever may start or change the state machine, or steer its input into a task, gets what
#   its role may do: with an administrator''s role, the account.'
# related_resources:
#   - https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
# custom:
#   check_id: PL-STATES-005
#   control: stepfunctions-role-admin
#   severity: critical
#   resource_types:
#     - AWS::StepFunctions::StateMachine
#   reads:
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::Role.ManagedPolicyArns
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Action
#   remediation: Give the role the actions and resources that its tasks use.
#   hygiene: false
#   references: []
package plumbline.aws.stepfunctions.role_admin

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.role_allows
	iam.full_admin(allow.statement)
	violation := {
		"message": sprintf("State machine %s may do anything in the account through %s", [input.resource.Name, allow.holder.Name]),
		"path": "RoleArn",
		"facts": {"holder": allow.holder.uid, "statement": iam.at(allow.place)},
	}
}

deny contains violation if {
	some role in lib.related("AWS::IAM::Role")
	some attached in iam.admin_arns(role)
	violation := {
		"message": sprintf("State machine %s may do anything in the account: its role %s has %s", [input.resource.Name, role.Name, attached.arn]),
		"path": "RoleArn",
		"facts": {"holder": role.uid, "policy": attached.arn},
	}
}
