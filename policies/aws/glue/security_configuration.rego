# METADATA
# title: Glue jobs encrypt what they write and log
# description: Without a security configuration a job writes data, bookmarks and logs in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/glue/latest/dg/console-security-configurations.html
# custom:
#   check_id: PL-GLUE-001
#   control: glue-security-configuration
#   severity: medium
#   resource_types:
#     - AWS::Glue::Job
#   reads:
#     - SecurityConfiguration!
#   remediation: Set SecurityConfiguration to one that encrypts S3, logs and bookmarks.
#   hygiene: true
#   references: []
package plumbline.aws.glue.security_configuration

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["SecurityConfiguration"], "") in {"", null}
	violation := {
		"message": sprintf("Glue job %s has no security configuration", [input.resource.Name]),
		"path": "SecurityConfiguration",
		"facts": {"SecurityConfiguration": null},
	}
}
