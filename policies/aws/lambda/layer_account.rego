# METADATA
# title: Functions use layers of trusted accounts only
# description: A layer runs inside the function with its role. A layer of another account changes what
#   runs whenever its version is bumped; accounts that are trusted are a setting (`trusted_accounts`).
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
# custom:
#   check_id: PL-LAMBDA-020
#   control: lambda-layer-account
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Layers
#   remediation: Publish the layer in your own account, or name the account in the setting trusted_accounts.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.layer_account

import data.plumbline.lib

deny contains violation if {
	some i, arn in lib.items(input.resource, ["Layers"])
	account := lib.account_of(arn)
	lib.foreign_account(account)
	violation := {
		"message": sprintf("Function %s runs a layer of account %s", [input.resource.Name, account]),
		"path": sprintf("Layers.%d", [i]),
		"facts": {"layer": arn, "account": account},
	}
}
