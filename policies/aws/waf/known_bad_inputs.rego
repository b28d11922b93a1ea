# METADATA
# title: Web ACLs refuse known bad inputs, Log4j among them
# description: The managed group AWSManagedRulesKnownBadInputsRuleSet refuses requests that exploit
#   Log4Shell and other known holes; switched to counting it refuses nothing.
# related_resources:
#   - https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
# custom:
#   check_id: PL-WAF-001
#   control: waf-known-bad-inputs
#   severity: medium
#   resource_types:
#     - AWS::WAFv2::WebACL
#   reads:
#     - Rules.Statement.ManagedRuleGroupStatement.Name
#     - Rules.OverrideAction
#   remediation: Add a rule with AWSManagedRulesKnownBadInputsRuleSet and OverrideAction None.
#   hygiene: false
#   references:
#     - CKV2_AWS_47
#     - CKV2_AWS_77
#     - CKV2_AWS_78
package plumbline.aws.waf.known_bad_inputs

import data.plumbline.lib

deny contains violation if {
	rules := lib.value(input.resource, ["Rules"], [])
	not lib.doubtful(rules)
	not refuses(rules)
	violation := {
		"message": sprintf("Web ACL %s does not refuse known bad inputs", [input.resource.Name]),
		"path": "Rules",
		"facts": {"rules": count(rules)},
	}
}

refuses(rules) if {
	some rule in rules
	rule.Statement.ManagedRuleGroupStatement.Name == "AWSManagedRulesKnownBadInputsRuleSet"
	not rule.OverrideAction.Count
}
