# Reads the rules of web ACLs.
#
# Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
package plumbline.lib.waf

import data.plumbline.lib

# Whether a web ACL is known not to refuse known bad inputs, Log4Shell among them.
lacks_known_bad_inputs(acl) if {
	rules := object.get(acl.Properties, "Rules", [])
	not lib.doubtful(rules)
	count([rule | some rule in lib.as_array(rules); refuses(rule)]) == 0
}

refuses(rule) if {
	group := rule.Statement.ManagedRuleGroupStatement
	group.Name == "AWSManagedRulesKnownBadInputsRuleSet"
	not counts(rule)
	every excluded in object.get(group, "ExcludedRules", []) {
		not log4j(object.get(excluded, "Name", ""))
	}
	every override in object.get(group, "RuleActionOverrides", []) {
		not lets_through(override)
	}
}

counts(rule) if rule.OverrideAction.Count == {}

lets_through(override) if {
	log4j(override.Name)
	not override.ActionToUse.Block
}

log4j(name) if startswith(name, "Log4JRCE")
