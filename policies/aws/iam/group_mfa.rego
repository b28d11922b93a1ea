# METADATA
# title: Groups ask their members for MFA
# description: A statement with the condition aws:MultiFactorAuthPresent, in one of the group's policies, keeps
#   a stolen access key or password from being enough.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
# custom:
#   check_id: PL-IAM-050
#   control: iam-group-mfa
#   severity: low
#   resource_types:
#     - AWS::IAM::Group
#   reads:
#     - Policies
#     - related.AWS::IAM::Policy.PolicyDocument
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument
#   remediation: Attach a policy that denies what is done without MFA.
#   hygiene: true
#   references: []
package plumbline.aws.iam.group_mfa

import data.plumbline.lib

deny contains violation if {
	not lib.unlisted("AWS::IAM::Policy")
	not lib.unlisted("AWS::IAM::ManagedPolicy")
	every document in documents {
		not asks(document)
	}
	violation := {
		"message": sprintf("No policy of group %s asks for MFA", [input.resource.Name]),
		"path": "Policies",
		"facts": {"policies": count(documents)},
	}
}

documents := array.concat(inline, attached)

inline := [document |
	some policy in lib.items(input.resource, ["Policies"])
	document := object.get(policy, "PolicyDocument", null)
	document != null
]

attached := [document |
	some kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"]
	some policy in lib.related(kind)
	document := object.get(policy.Properties, "PolicyDocument", null)
	document != null
]

asks(document) if lib.unknown(document)

asks(document) if {
	some statement in lib.as_array(document.Statement)
	some keys in statement.Condition
	some key, _ in keys
	lower(key) in {"aws:multifactorauthpresent", "aws:multifactorauthage"}
}
