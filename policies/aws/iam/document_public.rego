# METADATA
# title: Policy documents for resources do not admit everyone
# description: Whichever bucket, queue, topic or role uses the document is open to every AWS account. The
#   type is Terraform's data source aws_iam_policy_document where it names principals.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
# custom:
#   check_id: PL-IAM-032
#   control: policy-document-public
#   severity: high
#   resource_types:
#     - AWS::IAM::PolicyDocument
#   reads:
#     - PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Principal
#     - PolicyDocument.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:PrincipalOrgID, aws:SourceAccount or aws:SourceArn.
#   hygiene: false
#   references:
#     - CKV_AWS_283
package plumbline.aws.iam.document_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.PolicyDocument)
	violation := {
		"message": sprintf("Policy document %s admits everyone", [input.resource.Name]),
		"path": sprintf("PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal")},
	}
}
