# METADATA
# title: Code signing configurations refuse unsigned code
# description: At Warn, the default, Lambda deploys code without a valid signature and only counts it.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
# custom:
#   check_id: PL-LAMBDA-030
#   control: lambda-code-signing-policy
#   severity: medium
#   resource_types:
#     - AWS::Lambda::CodeSigningConfig
#   reads:
#     - CodeSigningPolicies.UntrustedArtifactOnDeployment
#   remediation: Set CodeSigningPolicies.UntrustedArtifactOnDeployment to Enforce.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.code_signing_policy

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["CodeSigningPolicies", "UntrustedArtifactOnDeployment"], "Warn") != "Enforce"
	violation := {
		"message": sprintf("Code signing configuration %s lets unsigned code through", [input.resource.Name]),
		"path": "CodeSigningPolicies.UntrustedArtifactOnDeployment",
		"facts": {"UntrustedArtifactOnDeployment": "Warn"},
	}
}
