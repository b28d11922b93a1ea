# METADATA
# title: App clients send tokens to TLS addresses only
# description: A callback over http sends the authorization code in the clear. Addresses of the developer's
#   own machine are left out.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-app-idp-settings.html
# custom:
#   check_id: PL-COGNITO-010
#   control: cognito-client-callback
#   severity: medium
#   resource_types:
#     - AWS::Cognito::UserPoolClient
#   reads:
#     - CallbackURLs
#   remediation: Use https in every callback URL.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.client_callback

import data.plumbline.lib

deny contains violation if {
	some i, url in lib.items(input.resource, ["CallbackURLs"])
	startswith(lower(url), "http://")
	not regex.match(`^http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)`, lower(url))
	violation := {
		"message": sprintf("App client %s sends authorization codes in the clear", [input.resource.Name]),
		"path": sprintf("CallbackURLs.%d", [i]),
		"facts": {"CallbackURL": url},
	}
}
