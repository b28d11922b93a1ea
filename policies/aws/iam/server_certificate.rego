# METADATA
# title: Certificates in IAM have not expired
# description: An expired certificate breaks what uses it, and a forgotten one hides that nobody looks after
#   them.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
# custom:
#   check_id: PL-IAM-049
#   control: iam-server-certificate
#   severity: low
#   resource_types:
#     - AWS::IAM::ServerCertificate
#   reads:
#     - Expiration
#   remediation: Delete the certificate, and use AWS Certificate Manager for new ones.
#   hygiene: true
#   references: []
package plumbline.aws.iam.server_certificate

import data.plumbline.lib

deny contains violation if {
	end := lib.value(input.resource, ["Expiration"], "")
	end != ""
	time.parse_rfc3339_ns(end) < time.parse_rfc3339_ns(input.now)
	violation := {
		"message": sprintf("Certificate %s expired on %s", [input.resource.Name, substring(end, 0, 10)]),
		"path": "Expiration",
		"facts": {"Expiration": end},
	}
}
