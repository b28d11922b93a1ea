# METADATA
# title: Buckets are encrypted with KMS
# description: With KMS every read of an object needs the permission to decrypt, and leaves a trace in
#   CloudTrail; with the keys of S3 neither is so.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
# custom:
#   check_id: PL-S3-016
#   control: s3-kms
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm
#     - related.AWS::S3::Bucket.LoggingConfiguration.DestinationBucketName
#     - related.AWS::S3::BucketPolicy.PolicyDocument.Statement.Effect
#     - related.AWS::S3::BucketPolicy.PolicyDocument.Statement.Principal
#   remediation: Set SSEAlgorithm to aws:kms, name a key of your own and set BucketKeyEnabled to true.
#   hygiene: true
#   references:
#     - CKV_AWS_145
package plumbline.aws.s3.kms_encryption

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	rules := lib.value(input.resource, ["BucketEncryption", "ServerSideEncryptionConfiguration"], [])
	is_array(rules)
	not lib.doubtful(rules)
	not by_kms(rules)
	not receives_logs
	violation := {
		"message": sprintf("Bucket %s is not encrypted with KMS", [input.resource.Name]),
		"path": "BucketEncryption",
		"facts": {"BucketEncryption": object.get(input.resource.Properties, "BucketEncryption", null)},
	}
}

by_kms(rules) if {
	some rule in rules
	startswith(rule.ServerSideEncryptionByDefault.SSEAlgorithm, "aws:kms")
}

# S3 delivers access logs to buckets with its own keys only.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
receives_logs if input.resource.Properties.AccessControl == "LogDeliveryWrite"

receives_logs if {
	some grant in input.resource.Properties.AccessControlGrants
	endswith(grant.Grantee, "s3/LogDelivery")
}

receives_logs if {
	some other in lib.related("AWS::S3::Bucket")
	lib.leads_here(other.Properties.LoggingConfiguration.DestinationBucketName)
}

receives_logs if {
	some policy in lib.related("AWS::S3::BucketPolicy")
	some statement in iam.statements(policy.Properties.PolicyDocument)
	statement.Effect == "Allow"
	logs_principal(statement.Principal)
}

receives_logs if lib.unlisted("AWS::S3::BucketPolicy")

receives_logs if lib.unlisted("AWS::S3::Bucket")

logs_principal(principal) if "logging.s3.amazonaws.com" in lib.as_array(principal.Service)

logs_principal(principal) if lib.doubtful(principal)
