# METADATA
# title: Buckets are replicated
# description: A copy in another Region or account outlives the loss of the first. Buckets that
#   receive copies are left out.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
# custom:
#   check_id: PL-S3-022
#   control: s3-replication
#   severity: info
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - ReplicationConfiguration.Rules.Status
#     - related.AWS::S3::Bucket.ReplicationConfiguration.Rules.Destination.Bucket
#   remediation: Set ReplicationConfiguration with an enabled rule and a destination in another Region.
#   hygiene: true
#   references:
#     - CKV_AWS_144
package plumbline.aws.s3.replication

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	not replicated
	lib.known_at(input.resource, [["ReplicationConfiguration", "Rules"]])
	not receives_copies
	violation := {
		"message": sprintf("Bucket %s is not replicated", [input.resource.Name]),
		"path": "ReplicationConfiguration",
		"facts": {"ReplicationConfiguration": null},
	}
}

replicated if {
	some rule in lib.items(input.resource, ["ReplicationConfiguration", "Rules"])
	object.get(rule, "Status", "Enabled") == "Enabled"
}

replicated if {
	some rule in input.resource.Properties.ReplicationConfiguration.Rules
	lib.doubtful(rule)
}

receives_copies if {
	some other in lib.related("AWS::S3::Bucket")
	some rule in other.Properties.ReplicationConfiguration.Rules
	lib.leads_here(rule.Destination.Bucket)
}

receives_copies if lib.unlisted("AWS::S3::Bucket")
