# METADATA
# title: Kafka event sources are authenticated
# description: Without a secret or a certificate the function reads from whoever answers at the broker's
#   address, and anybody else may read the topic.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html
# custom:
#   check_id: PL-LAMBDA-024
#   control: lambda-esm-kafka-authentication
#   severity: medium
#   resource_types:
#     - AWS::Lambda::EventSourceMapping
#   reads:
#     - SelfManagedEventSource.Endpoints!
#     - SourceAccessConfigurations
#   remediation: Add SourceAccessConfigurations with SASL_SCRAM_512_AUTH, BASIC_AUTH or CLIENT_CERTIFICATE_TLS_AUTH.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.kafka_authentication

import data.plumbline.lib

deny contains violation if {
	not lib.absent(input.resource, ["SelfManagedEventSource"])
	configurations := object.get(input.resource.Properties, "SourceAccessConfigurations", [])
	not lib.doubtful(configurations)
	credentials := [kind |
		some configuration in lib.as_array(configurations)
		kind := configuration.Type
		kind in authenticating
	]
	credentials == []
	violation := {
		"message": sprintf("Event source mapping %s reads from Kafka brokers without credentials", [input.resource.Name]),
		"path": "SourceAccessConfigurations",
		"facts": {"SourceAccessConfigurations": []},
	}
}

authenticating := {"BASIC_AUTH", "SASL_SCRAM_256_AUTH", "SASL_SCRAM_512_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"}
