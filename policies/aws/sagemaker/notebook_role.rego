# METADATA
# title: Notebooks do not run with wide permissions
# description: Everyone who opens the notebook, and every package it installs, does what its role may do.
# related_resources:
#   - https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
# custom:
#   check_id: PL-SAGEMAKER-002
#   control: sagemaker-notebook-role
#   severity: high
#   resource_types:
#     - AWS::SageMaker::NotebookInstance
#   reads:
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::Role.ManagedPolicyArns
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Action
#   remediation: List the actions and resources that the notebook uses.
#   hygiene: false
#   references:
#     - CKV2_AWS_68
package plumbline.aws.sagemaker.notebook_role

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.role_allows
	some action in iam.actions(allow.statement)
	wide(action)
	violation := {
		"message": sprintf("Notebook %s may do %s through %s", [input.resource.Name, action, allow.holder.Name]),
		"path": "RoleArn",
		"facts": {"holder": allow.holder.uid, "statement": iam.at(allow.place), "action": action},
	}
}

deny contains violation if {
	some role in lib.related("AWS::IAM::Role")
	some attached in iam.admin_arns(role)
	violation := {
		"message": sprintf("Notebook %s may do anything in the account: its role %s has %s", [input.resource.Name, role.Name, attached.arn]),
		"path": "RoleArn",
		"facts": {"holder": role.uid, "policy": attached.arn},
	}
}

wide(action) if action == "*"

wide(action) if endswith(action, ":*")
