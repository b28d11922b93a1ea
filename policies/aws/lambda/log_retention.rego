# METADATA
# title: Function logs are kept for a stated time
# description: Lambda creates a function's log group by itself and keeps it for ever. A log group that
#   is declared with a retention says how long evidence is kept, and stops costing after that.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
# custom:
#   check_id: PL-LAMBDA-013
#   control: lambda-log-retention
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - LoggingConfig.LogGroup
#     - related.AWS::Logs::LogGroup.RetentionInDays
#   remediation: Declare the log group /aws/lambda/<function> with RetentionInDays.
#   hygiene: true
#   references:
#     - CKV_AWS_66
package plumbline.aws.lambda.log_retention

import data.plumbline.lib

deny contains violation if {
	groups := lib.related("AWS::Logs::LogGroup")
	some group in groups
	lib.absent(group, ["RetentionInDays"])
	violation := {
		"message": sprintf("Log group %s of function %s is kept for ever", [group.Name, input.resource.Name]),
		"path": "LoggingConfig.LogGroup",
		"facts": {"log_group": group.uid},
	}
}

# A template without the log group leaves its creation, and its retention, to Lambda.
deny contains violation if {
	not input.resource.Live
	lib.none_related("AWS::Logs::LogGroup")
	lib.absent(input.resource, ["LoggingConfig", "LogGroup"])
	violation := {
		"message": sprintf("Function %s leaves its log group to Lambda, which keeps logs for ever", [input.resource.Name]),
		"path": "LoggingConfig.LogGroup",
		"facts": {"log_group": null},
	}
}
