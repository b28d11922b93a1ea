# METADATA
# title: GraphQL API logs leave headers and answers out
# description: Verbose content writes headers, context and resolver answers, with the personal data in them,
#   to CloudWatch Logs.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
# custom:
#   check_id: PL-APPSYNC-011
#   control: appsync-verbose-logs
#   severity: low
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - LogConfig.ExcludeVerboseContent
#     - LogConfig.CloudWatchLogsRoleArn!
#   remediation: Set LogConfig.ExcludeVerboseContent to true.
#   hygiene: true
#   references: []
package plumbline.aws.appsync.verbose_logs

import data.plumbline.lib

deny contains violation if {
	not lib.absent(input.resource, ["LogConfig"])
	lib.off(input.resource, ["LogConfig", "ExcludeVerboseContent"])
	violation := {
		"message": sprintf("GraphQL API %s writes headers and answers to its logs", [input.resource.Name]),
		"path": "LogConfig.ExcludeVerboseContent",
		"facts": {"ExcludeVerboseContent": false},
	}
}
