# METADATA
# title: Queues hide a message for as long as its function may need
# description: A message that becomes visible while it is still being processed is processed twice. AWS
#   advises six times the function's timeout, so that throttled batches are tried again in time.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
# custom:
#   check_id: PL-LAMBDA-028
#   control: lambda-esm-queue-visibility
#   severity: low
#   resource_types:
#     - AWS::Lambda::EventSourceMapping
#   reads:
#     - related.AWS::SQS::Queue.VisibilityTimeout
#     - related.AWS::Lambda::Function.Timeout
#   remediation: Set the queue's VisibilityTimeout to six times the function's Timeout or more.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.queue_visibility

import data.plumbline.lib

deny contains violation if {
	not input.resource.Properties.StartingPosition # a stream's; its queue keeps failures only
	some queue in lib.related("AWS::SQS::Queue")
	some function in lib.related("AWS::Lambda::Function")
	hidden_s := to_number(lib.value(queue, ["VisibilityTimeout"], default_visibility_s))
	timeout_s := to_number(lib.value(function, ["Timeout"], default_timeout_s))
	hidden_s < timeout_s * times
	violation := {
		"message": sprintf("Queue %s hides a message for %v s while function %s may take %v s", [queue.Name, hidden_s, function.Name, timeout_s]),
		"path": "EventSourceArn",
		"facts": {"VisibilityTimeout": hidden_s, "Timeout": timeout_s, "least": timeout_s * times},
	}
}

# Source: the documentation above, 2026-11-24.
default_visibility_s := 30

default_timeout_s := 3

times := 6
