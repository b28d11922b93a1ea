# METADATA
# title: Event source mappings report partial batch failures
# description: When one message of a batch fails, all of them become visible and are processed again,
#   unless the function reports which ones failed.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
# custom:
#   check_id: PL-LAMBDA-018
#   control: lambda-esm-partial-batch
#   severity: low
#   resource_types:
#     - AWS::Lambda::EventSourceMapping
#   reads:
#     - EventSourceArn
#     - FunctionResponseTypes
#     - BatchSize
#     - related.AWS::SQS::Queue.QueueName!
#   remediation: Set FunctionResponseTypes to [ReportBatchItemFailures] and return the failed identifiers.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.partial_batch

import data.plumbline.lib

deny contains violation if {
	arn := lib.value(input.resource, ["EventSourceArn"], "")
	queue(arn)
	lib.value(input.resource, ["BatchSize"], 10) != 1
	lib.value(input.resource, ["BatchSize"], 10) != "1"
	reported := lib.value(input.resource, ["FunctionResponseTypes"], [])
	not "ReportBatchItemFailures" in reported
	violation := {
		"message": sprintf("Event source mapping %s processes whole batches again when one message fails", [input.resource.Name]),
		"path": "FunctionResponseTypes",
		"facts": {"EventSourceArn": arn, "FunctionResponseTypes": reported},
	}
}

queue(arn) if lib.arn_fields(arn)[2] == "sqs"

queue(arn) if lib.refers(arn, "AWS::SQS::Queue")
