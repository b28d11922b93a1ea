# METADATA
# title: Access keys are not made by templates
# description: The secret of a key that a template makes ends up in outputs, state files and logs; and a
#   key is for what cannot take a role.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-IAM-029
#   control: iam-declared-access-key
#   severity: medium
#   resource_types:
#     - AWS::IAM::AccessKey
#   reads:
#     - Status
#   remediation: Let the program take a role; make the key by hand where it must exist and keep it in Secrets
#     Manager.
#   hygiene: false
#   references: []
package plumbline.aws.iam.declared_access_key

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	lib.value(input.resource, ["Status"], "Active") != "Inactive"
	violation := {
		"message": sprintf("Access key %s is made by a template", [input.resource.Name]),
		"path": "Status",
		"facts": {"Status": "Active"},
	}
}
