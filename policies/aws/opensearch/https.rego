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
#   compliance:
#     SOC2: [CC6.7]
#     NIST 800-53: [SC-8]
#     PCI DSS: [4.2.1]
#     HIPAA: [164.312(e)(1)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
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
