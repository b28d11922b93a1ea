# METADATA
# title: Bucket policies admit named principals, not all but a few
# description: Allow with NotPrincipal admits everyone who is not listed, other accounts and
#   anonymous callers included.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
# custom:
#   check_id: PL-S3-032
#   control: s3-policy-not-principal
#   severity: critical
#   resource_types:
#     - AWS::S3::BucketPolicy
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.NotPrincipal!
#   remediation: Write Principal with those who need access; put the exceptions into a Deny.
#   hygiene: false
#   references: []
package plumbline.aws.s3.policy_not_principal

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.not_principal(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("The bucket policy %s admits everyone but a few (NotPrincipal)", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.NotPrincipal", [found.index]),
		"facts": {"NotPrincipal": found.statement.NotPrincipal},
	}
}
