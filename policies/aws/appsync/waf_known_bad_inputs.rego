# METADATA
# title: Web firewalls of GraphQL APIs refuse known bad inputs
# description: AWS's rule group KnownBadInputs holds the patterns of Log4Shell and other exploits. A firewall
#   without it, or with it overridden to count, lets them through. APIs without a firewall are reported
#   by their own check.
# related_resources:
#   - https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
# custom:
#   check_id: PL-APPSYNC-007
#   control: appsync-waf-known-bad-inputs
#   severity: medium
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - related.AWS::WAFv2::WebACL.Rules
#   remediation: Add AWSManagedRulesKnownBadInputsRuleSet to the web ACL with OverrideAction None.
#   hygiene: false
#   references:
#     - CKV2_AWS_78
package plumbline.aws.appsync.waf_known_bad_inputs

import data.plumbline.lib
import data.plumbline.lib.waf

deny contains violation if {
	some acl in lib.related("AWS::WAFv2::WebACL")
	waf.lacks_known_bad_inputs(acl)
	violation := {
		"message": sprintf("GraphQL API %s has a firewall, %s, that does not refuse known bad inputs", [input.resource.Name, acl.Name]),
		"path": "WebAclArn",
		"facts": {"web_acl": acl.uid},
	}
}
