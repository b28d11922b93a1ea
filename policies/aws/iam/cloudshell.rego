# METADATA
# title: Full access to CloudShell is restricted
# description: With AWSCloudShellFullAccess data leaves and files arrive through a shell in the browser
#   that no proxy sees.
# related_resources:
#   - https://docs.aws.amazon.com/cloudshell/latest/userguide/sec-auth-with-identities.html
# custom:
#   check_id: PL-IAM-034
#   control: iam-cloudshell
#   severity: low
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#   reads:
#     - ManagedPolicyArns
#   remediation: Detach AWSCloudShellFullAccess; allow what is needed without cloudshell:GetFileDownloadUrls
#     and GetFileUploadUrls.
#   hygiene: true
#   references: []
package plumbline.aws.iam.cloudshell

import data.plumbline.lib

deny contains violation if {
	some i, arn in lib.items(input.resource, ["ManagedPolicyArns"])
	endswith(arn, ":iam::aws:policy/AWSCloudShellFullAccess")
	violation := {
		"message": sprintf("%s may move files through CloudShell", [input.resource.Name]),
		"path": sprintf("ManagedPolicyArns.%d", [i]),
		"facts": {"policy": arn},
	}
}
