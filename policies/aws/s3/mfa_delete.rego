# METADATA
# title: Versioned buckets need a second factor to delete versions
# description: With MFA delete a stolen key cannot remove versions for good. Only the root user can
#   switch it on, and lifecycle rules cannot be used beside it; CloudFormation cannot set
#   it.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
# custom:
#   check_id: PL-S3-020
#   control: s3-mfa-delete
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - VersioningConfiguration.Status
#     - VersioningConfiguration.MFADelete
#   remediation: 'Switch MFA delete on with the root user: aws s3api put-bucket-versioning --mfa.'
#   hygiene: true
#   references: []
package plumbline.aws.s3.mfa_delete

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["VersioningConfiguration", "Status"], "Off") == "Enabled"
	second_factor := lib.value(input.resource, ["VersioningConfiguration", "MFADelete"], implied)
	second_factor != "Enabled"
	violation := {
		"message": sprintf("Bucket %s lets versions be deleted without a second factor", [input.resource.Name]),
		"path": "VersioningConfiguration.MFADelete",
		"facts": {"MFADelete": second_factor},
	}
}

# A template of CloudFormation has no word for it.
implied := "Disabled" if input.resource.Live

implied := "Enabled" if not input.resource.Live
