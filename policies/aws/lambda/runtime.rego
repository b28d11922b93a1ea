# METADATA
# title: Functions run on a supported runtime
# description: After its deprecation date a runtime gets no security patches; later AWS blocks updates
#   of functions that use it. The dates are in lib/runtime.rego.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
# custom:
#   check_id: PL-LAMBDA-008
#   control: lambda-runtime
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Runtime
#     - PackageType
#   remediation: Move to the runtime that the message names and test; most moves are one line.
#   hygiene: false
#   references:
#     - CKV_AWS_363
package plumbline.aws.lambda.runtime

import data.plumbline.lib
import data.plumbline.lib.runtime

deny contains violation if {
	name := lib.value(input.resource, ["Runtime"], "")
	deprecated_on := runtime.deprecated[name]
	time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [deprecated_on])) <= time.parse_rfc3339_ns(input.now)
	violation := {
		"message": sprintf("Function %s runs on %s, which AWS deprecated on %s", [input.resource.Name, name, deprecated_on]),
		"path": "Runtime",
		"facts": {"Runtime": name, "deprecated_on": deprecated_on, "source_date": runtime.source_date},
	}
}
