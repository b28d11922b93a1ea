# METADATA
# title: VPCs log their traffic
# description: Without flow logs nobody can say afterwards what a function that was taken over spoke
#   to.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html
# custom:
#   check_id: PL-VPC-007
#   control: vpc-flow-logs
#   severity: low
#   resource_types:
#     - AWS::EC2::VPC
#   reads:
#     - related.AWS::EC2::FlowLog
#   remediation: Declare a FlowLog for the VPC.
#   hygiene: false
#   references: []
package plumbline.aws.ec2.flow_logs

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	lib.none_related("AWS::EC2::FlowLog")
	violation := {
		"message": sprintf("VPC %s does not log its traffic", [input.resource.Name]),
		"path": "FlowLog",
		"facts": {"FlowLog": null},
	}
}
