# METADATA
# title: Web ACLs have rules
# description: 'A web ACL without rules does its default action for everyone: it costs 5 dollars a
#   month and stops nothing.'
# related_resources:
#   - https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rules.html
# custom:
#   check_id: PL-WAF-002
#   control: waf-rules
#   severity: medium
#   resource_types:
#     - AWS::WAFv2::WebACL
#   reads:
#     - Rules!
#   remediation: Add managed rule groups and a rate-based rule.
#   hygiene: false
#   references: []
package plumbline.aws.waf.rules

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Rules"], []) in {[], null}
	not blocks
	violation := {
		"message": sprintf("Web ACL %s has no rules", [input.resource.Name]),
		"path": "Rules",
		"facts": {"Rules": []},
	}
}

# Refusing everyone needs no rules.
blocks if is_object(input.resource.Properties.DefaultAction.Block)

blocks if lib.unknown(input.resource.Properties.DefaultAction)
