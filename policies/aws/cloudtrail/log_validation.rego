# METADATA
# title: Trails validate their log files
# description: Without validation nobody can prove that log files were not changed or deleted.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
# custom:
#   check_id: PL-CLOUDTRAIL-002
#   control: cloudtrail-validation
#   severity: medium
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - EnableLogFileValidation
#   remediation: Set EnableLogFileValidation to true.
#   hygiene: false
#   references:
#     - CKV_AWS_36
package plumbline.aws.cloudtrail.log_validation

import data.plumbline.lib

deny contains violation if {
	not validated
	lib.known_at(input.resource, [["EnableLogFileValidation"], ["LogFileValidationEnabled"]])
	violation := {
		"message": sprintf("Trail %s does not validate its log files", [input.resource.Name]),
		"path": "EnableLogFileValidation",
		"facts": {"EnableLogFileValidation": false},
	}
}

validated if {
	some property in ["EnableLogFileValidation", "LogFileValidationEnabled"]
	lib.is_true(lib.value(input.resource, [property], false))
}
