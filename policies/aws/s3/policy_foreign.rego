# METADATA
# title: Bucket policies do not let other accounts read
# description: An account that is not in the list of trusted accounts has access to the objects.
#   Permission to write only, as the log delivery of AWS services needs it, is left out.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access-example2.html
# custom:
#   check_id: PL-S3-018
#   control: s3-policy-foreign
#   severity: medium
#   resource_types:
#     - AWS::S3::BucketPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references: []
package plumbline.aws.s3.policy_foreign

import data.plumbline.lib
import data.plumbline.lib.grants
import data.plumbline.lib.iam

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.PolicyDocument)
	not writes_only(found.statement)
	violation := {
		"message": sprintf("Bucket policy %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}

writes_only(statement) if lib.doubtful(statement.Action)

writes_only(statement) if {
	wanted := iam.actions(statement)
	count(wanted) > 0
	count([action | some action in wanted; not action in {"s3:getbucketacl", "s3:putobject", "s3:putobjectacl"}]) == 0
}
