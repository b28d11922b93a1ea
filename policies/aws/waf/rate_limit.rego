# METADATA
# title: Web ACLs limit the rate of a client
# description: A rate-based rule stops one address from guessing passwords, or from running up the
#   bill of functions that are paid by the call.
# related_resources:
#   - https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
# custom:
#   check_id: PL-WAF-004
#   control: waf-rate-limit
#   severity: low
#   resource_types:
#     - AWS::WAFv2::WebACL
#   reads:
#     - Rules.Statement
#   remediation: Add a rule with a RateBasedStatement and the action Block.
#   hygiene: true
#   references: []
package plumbline.aws.waf.rate_limit

import data.plumbline.lib

deny contains violation if {
	rules := lib.value(input.resource, ["Rules"], [])
	not lib.doubtful(rules)
	not limits(rules)
	violation := {
		"message": sprintf("Web ACL %s does not limit the rate of a client", [input.resource.Name]),
		"path": "Rules",
		"facts": {"rules": count(rules)},
	}
}

limits(rules) if {
	some rule in rules
	rule.Statement.RateBasedStatement
}
