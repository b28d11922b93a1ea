# METADATA
# title: Secret parameters are SecureString
# description: 'A parameter whose name or value says that it is a secret must be a SecureString; a String
#   is readable by everyone who may call GetParameter. CloudFormation cannot create a SecureString:
#   keep the secret in Secrets Manager, or write the parameter outside the template.'
# related_resources:
#   - https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-securestring.html
# custom:
#   check_id: PL-SSM-001
#   control: ssm-secure-string
#   severity: high
#   resource_types:
#     - AWS::SSM::Parameter
#   reads:
#     - Type
#     - Name
#     - Value
#   remediation: Recreate the parameter as SecureString, or move it to Secrets Manager; rotate the value.
#   hygiene: false
#   references:
#     - CKV_AWS_384
package plumbline.aws.ssm.secure_string

import data.plumbline.lib

deny contains violation if {
	type := lib.value(input.resource, ["Type"], "String")
	type != "SecureString"
	why := reason
	violation := {
		"message": sprintf("Parameter %s is a plain %s, and its %s says it is a secret", [input.resource.Name, type, why]),
		"path": "Type",
		"facts": {"Type": type, "why": why},
	}
}

reason := "value" if holds_secret

reason := "name" if {
	not holds_secret
	name := lib.value(input.resource, ["Name"], "")
	regex.match(`(?i)(^|[/_.-])(passwd|password|passphrase|secret|token|api_?key|private_?key|credentials?)([/_.-]|$)`, name)
	not regex.match(`(?i)(arn|name|id|url|uri|path|ttl|expiry|length)$`, name)
}

holds_secret if {
	value := lib.value(input.resource, ["Value"], "")
	is_string(value)
	regex.match(`^secret:`, value)
	not regex.match(`^secret:plain:`, value)
}
