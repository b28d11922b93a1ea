# Says which events of a trail are counted in its log group and raise an alarm.
#
# Source: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
package plumbline.lib.watch

import data.plumbline.lib

# Whether a trail is the one to ask: it records every Region, and what reads it is known.
asked if {
	lib.is_true(lib.value(input.resource, ["IsMultiRegionTrail"], false))
	not lib.value(input.resource, ["IsLogging"], true) in {false, "false"}
	visible
}

visible if lib.value(input.resource, ["CloudWatchLogsLogGroupArn"], "") in {"", null}

# A log group of another account is not seen.
visible if {
	count(lib.related("AWS::Logs::LogGroup")) > 0
	not lib.unlisted("AWS::Logs::MetricFilter")
	not lib.unlisted("AWS::CloudWatch::Alarm")
}

# The events (words of a filter's pattern) that no filter with an alarm names.
missing(words) := [word | some word in words; not watched(word)]

watched(word) if {
	some counted in lib.related("AWS::Logs::MetricFilter")
	is_string(counted.Properties.FilterPattern)
	pattern := regex.replace(lower(counted.Properties.FilterPattern), `[\s"']`, "")
	regex.match(sprintf(`(^|[^a-z])%s($|[^a-z])`, [lower(word)]), pattern)
	alarmed(counted)
}

# A pattern that is not known may name any.
watched(_) if {
	some counted in lib.related("AWS::Logs::MetricFilter")
	lib.unknown(counted.Properties.FilterPattern)
	alarmed(counted)
}

alarmed(counted) if {
	some made in lib.as_array(counted.Properties.MetricTransformations)
	some alarm in lib.related("AWS::CloudWatch::Alarm")
	alarm.Properties.MetricName == made.MetricName
	alarm.Properties.Namespace == made.MetricNamespace
	count(lib.as_array(object.get(alarm.Properties, "AlarmActions", []))) > 0
}
