# METADATA
# title: Trails are switched on
# description: A trail that is switched off records nothing; stopping it is the first thing many
#   attackers do.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-turning-off-logging.html
# custom:
#   check_id: PL-CLOUDTRAIL-004
#   control: cloudtrail-logging
#   severity: high
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - IsLogging
#   remediation: 'Set IsLogging to true, and find out who stopped it: aws cloudtrail start-logging.'
#   hygiene: false
#   references:
#     - CKV_AWS_251
package plumbline.aws.cloudtrail.logging

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["IsLogging"], true) in {false, "false", "False"}
	violation := {
		"message": sprintf("Trail %s is switched off", [input.resource.Name]),
		"path": "IsLogging",
		"facts": {"IsLogging": false},
	}
}

# CloudFormation has no default for it.
deny contains violation if {
	lib.undeclared(input.resource, ["IsLogging"])
	violation := {
		"message": sprintf("Trail %s does not say that it logs", [input.resource.Name]),
		"path": "IsLogging",
		"facts": {"IsLogging": null},
	}
}
