# METADATA
# title: Search domains take HTTPS only
# description: Queries and documents travel in the clear to a domain that takes plain HTTP.
# related_resources:
#   - https://docs.aws.amazon.com/opensearch-service/latest/developerguide/infrastructure-security.html
# custom:
#   check_id: PL-OPENSEARCH-002
#   control: opensearch-https
#   severity: medium
#   resource_types:
#     - AWS::OpenSearchService::Domain
#   reads:
#     - DomainEndpointOptions.EnforceHTTPS
#   remediation: Set DomainEndpointOptions.EnforceHTTPS to true.
#   hygiene: false
#   references: []
package plumbline.aws.opensearch.https

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["DomainEndpointOptions", "EnforceHTTPS"])
	violation := {
		"message": sprintf("Domain %s takes plain HTTP", [input.resource.Name]),
		"path": "DomainEndpointOptions.EnforceHTTPS",
		"facts": {"EnforceHTTPS": false},
	}
}
