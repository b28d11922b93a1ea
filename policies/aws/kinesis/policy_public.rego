# METADATA
# title: Stream policies do not admit everyone
# description: Whoever may read takes every record; whoever may write feeds every consumer.
# related_resources:
#   - https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html
# custom:
#   check_id: PL-KINESIS-004
#   control: kinesis-policy-public
#   severity: high
#   resource_types:
#     - AWS::Kinesis::ResourcePolicy
#     - AWS::Kinesis::Stream
#   reads:
#     - ResourcePolicy.Statement.Effect
#     - ResourcePolicy.Statement.Principal
#     - ResourcePolicy.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:PrincipalOrgID.
#   hygiene: false
#   references: []
package plumbline.aws.kinesis.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.ResourcePolicy)
	violation := {
		"message": sprintf("Policy of stream %s admits everyone", [input.resource.Name]),
		"path": sprintf("ResourcePolicy.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal"), "Action": object.get(found.statement, "Action", null)},
	}
}
