# METADATA
# title: Buckets let no website of others write
# description: 'A CORS rule for every origin lets the script of any website use what its visitor may
#   do: with PUT, POST or DELETE, write and delete.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
# custom:
#   check_id: PL-S3-027
#   control: s3-cors
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - CorsConfiguration.CorsRules.AllowedOrigins
#     - CorsConfiguration.CorsRules.AllowedMethods
#   remediation: Name the origins that your own pages have.
#   hygiene: false
#   references: []
package plumbline.aws.s3.cors

import data.plumbline.lib

deny contains violation if {
	some i, rule in lib.items(input.resource, ["CorsConfiguration", "CorsRules"])
	some origin in lib.as_array(rule.AllowedOrigins)
	origin in {"*", "http://*", "https://*"}
	methods := [method | some method in lib.as_array(rule.AllowedMethods); method in {"DELETE", "POST", "PUT"}]
	count(methods) > 0
	violation := {
		"message": sprintf("Bucket %s lets the pages of every website use %s", [input.resource.Name, concat(", ", methods)]),
		"path": sprintf("CorsConfiguration.CorsRules.%d.AllowedOrigins", [i]),
		"facts": {"AllowedOrigins": "*", "AllowedMethods": methods},
	}
}
