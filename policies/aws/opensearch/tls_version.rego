# METADATA
# title: Search domains require TLS 1.2 or later
# description: TLS 1.0 and 1.1 have known weaknesses and are deprecated by RFC 8996; a domain accepts
#   them unless told otherwise.
# related_resources:
#   - https://docs.aws.amazon.com/opensearch-service/latest/developerguide/infrastructure-security.html
# custom:
#   check_id: PL-OPENSEARCH-004
#   control: opensearch-tls-version
#   severity: medium
#   resource_types:
#     - AWS::OpenSearchService::Domain
#   reads:
#     - DomainEndpointOptions.TLSSecurityPolicy
#   remediation: Set TLSSecurityPolicy to Policy-Min-TLS-1-2-PFS-2023-10.
#   hygiene: false
#   references: []
package plumbline.aws.opensearch.tls_version

import data.plumbline.lib

deny contains violation if {
	name := lib.value(input.resource, ["DomainEndpointOptions", "TLSSecurityPolicy"], "Policy-Min-TLS-1-0-2019-07")
	startswith(name, "Policy-Min-TLS-1-0")
	violation := {
		"message": sprintf("Domain %s accepts TLS before 1.2", [input.resource.Name]),
		"path": "DomainEndpointOptions.TLSSecurityPolicy",
		"facts": {"TLSSecurityPolicy": name},
	}
}
