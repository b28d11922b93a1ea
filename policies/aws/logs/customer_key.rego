# METADATA
# title: Log groups are encrypted with a customer managed key
# description: CloudWatch encrypts logs with a key of its own; only a customer managed key can be audited,
#   limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
# custom:
#   check_id: PL-LOGS-002
#   control: log-kms
#   severity: low
#   resource_types:
#     - AWS::Logs::LogGroup
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a key whose policy admits the service logs.<region>.amazonaws.com.
#   hygiene: true
#   references:
#     - CKV_AWS_158
package plumbline.aws.logs.customer_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsKeyId"], "") in {"", null}
	violation := {
		"message": sprintf("Log group %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": null},
	}
}
