# METADATA
# title: Web ACLs log requests
# description: Without logs nobody can say which requests were refused, nor tune a rule that refuses
#   the wrong ones.
# related_resources:
#   - https://docs.aws.amazon.com/waf/latest/developerguide/logging.html
# custom:
#   check_id: PL-WAF-003
#   control: waf-logging
#   severity: low
#   resource_types:
#     - AWS::WAFv2::WebACL
#   reads:
#     - related.AWS::WAFv2::LoggingConfiguration
#   remediation: Declare a LoggingConfiguration for the web ACL.
#   hygiene: true
#   references: []
package plumbline.aws.waf.logging

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	lib.none_related("AWS::WAFv2::LoggingConfiguration")
	violation := {
		"message": sprintf("Web ACL %s does not log requests", [input.resource.Name]),
		"path": "LoggingConfiguration",
		"facts": {"LoggingConfiguration": null},
	}
}
