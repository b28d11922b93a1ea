# METADATA
# title: Asynchronous failures of functions are kept
# description: An event that is invoked asynchronously and fails three times is dropped, unless a dead-letter
#   queue or an on-failure destination keeps it.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
# custom:
#   check_id: PL-LAMBDA-010
#   control: lambda-failure-destination
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - DeadLetterConfig.TargetArn
#     - related.AWS::Lambda::EventInvokeConfig.DestinationConfig.OnFailure.Destination
#   remediation: Set DeadLetterConfig.TargetArn to a queue, or add an EventInvokeConfig with an OnFailure
#     destination.
#   hygiene: true
#   references:
#     - CKV_AWS_116
package plumbline.aws.lambda.failure_destination

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["DeadLetterConfig", "TargetArn"], "") in {"", null}
	not has_destination
	violation := {
		"message": sprintf("Function %s loses events that it fails to process", [input.resource.Name]),
		"path": "DeadLetterConfig",
		"facts": {"event_invoke_configs": count(lib.related("AWS::Lambda::EventInvokeConfig"))},
	}
}

# An unknown destination counts as one here: the verdict is then unknown, not a violation.
has_destination if lib.unlisted("AWS::Lambda::EventInvokeConfig")

has_destination if {
	some config in lib.related("AWS::Lambda::EventInvokeConfig")
	object.get(config.Properties, ["DestinationConfig", "OnFailure", "Destination"], "") != ""
}

has_destination if {
	some config in lib.related("AWS::Lambda::EventInvokeConfig")
	lib.hidden(config, ["DestinationConfig", "OnFailure", "Destination"])
}
