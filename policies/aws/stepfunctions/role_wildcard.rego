# METADATA
# title: State machine roles do not allow all actions of a service
# description: A task calls one action; with service:* whoever changes the definition calls every other
#   one.
# related_resources:
#   - https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
# custom:
#   check_id: PL-STATES-006
#   control: stepfunctions-role-wildcard
#   severity: medium
#   resource_types:
#     - AWS::StepFunctions::StateMachine
#   reads:
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Action
#   remediation: List the actions that the tasks call.
#   hygiene: false
#   references: []
package plumbline.aws.stepfunctions.role_wildcard

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.role_allows
	some action in iam.actions(allow.statement)
	endswith(action, ":*")
	action != "*:*"
	violation := {
		"message": sprintf("State machine %s may do %s through %s", [input.resource.Name, action, allow.holder.Name]),
		"path": "RoleArn",
		"facts": {"holder": allow.holder.uid, "statement": iam.at(allow.place), "action": action},
	}
}
