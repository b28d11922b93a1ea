# METADATA
# title: Functions run on a runtime that is supported for another quarter
# description: 'AWS stops patching a runtime on its deprecation date and blocks updates of its functions
#   later. Moving takes a release: this says so 90 days before.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
# custom:
#   check_id: PL-LAMBDA-031
#   control: lambda-runtime-ending
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Runtime
#   remediation: Move the function to a newer runtime and test it.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.runtime_ending

import data.plumbline.lib
import data.plumbline.lib.runtime

deny contains violation if {
	name := lib.value(input.resource, ["Runtime"], "")
	deprecated_on := runtime.deprecated[name]
	date := sprintf("%sT00:00:00Z", [deprecated_on])
	left_ns := time.parse_rfc3339_ns(date) - time.parse_rfc3339_ns(input.now)
	left_ns > 0
	left_ns <= notice_ns
	violation := {
		"message": sprintf("Function %s runs on %s, which AWS deprecates on %s", [input.resource.Name, name, deprecated_on]),
		"path": "Runtime",
		"facts": {"Runtime": name, "deprecated_on": deprecated_on, "source_date": runtime.source_date},
	}
}

# Ninety days: a release cycle of a quarter.
notice_ns := ((90 * 24) * 3600) * 1000000000
