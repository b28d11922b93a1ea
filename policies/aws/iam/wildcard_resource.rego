# METADATA
# title: IAM policies limit the resources of write actions
# description: A write action on resource * reaches every table, queue and bucket of the account. Actions
#   that AWS lets nobody limit, and reading, are left out.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
#   - https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
# custom:
#   check_id: PL-IAM-003
#   control: iam-wildcard-resource
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#     - AWS::IAM::ManagedPolicy
#     - AWS::IAM::Policy
#     - AWS::IAM::RolePolicy
#     - AWS::IAM::UserPolicy
#     - AWS::IAM::GroupPolicy
#   reads:
#     - Policies.PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Effect
#     - Policies.PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.Action
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#     - Policies.PolicyDocument.Statement.Condition
#     - PolicyDocument.Statement.Condition
#   remediation: Name the resources, or limit them by a condition on tags.
#   hygiene: false
#   references:
#     - CKV_AWS_111
#     - CKV_AWS_290
#     - CKV_AWS_355
#     - CKV_AWS_356
package plumbline.aws.iam.wildcard_resource

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	iam.every_resource(allow.statement)
	not allow.statement.Condition
	written := [action | some action in iam.actions(allow.statement); writes(action)]
	written != []
	violation := {
		"message": sprintf("%s may write to every resource: %s", [input.resource.Name, concat(", ", written)]),
		"path": sprintf("%s.Resource", [iam.at(allow)]),
		"facts": {"Action": written},
	}
}

# Services whose write actions name a resource, and the verbs by which they write.
limitable := {
	"dynamodb",
	"ecr",
	"events",
	"firehose",
	"iam",
	"kinesis",
	"kms",
	"lambda",
	"s3",
	"secretsmanager",
	"sns",
	"sqs",
	"ssm",
	"states",
}

verb := `^[a-z0-9-]+:(\*|abort|add|attach|batchwrite|create|delete|detach|disable|encrypt|execute|invoke|pass|publish|purge|put|receive|remove|replicate|restore|schedule|send|set|start|stop|tag|transact|untag|update|write)`

writes(action) if {
	split(action, ":")[0] in limitable
	regex.match(verb, action)
}
