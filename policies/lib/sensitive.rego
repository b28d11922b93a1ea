# Actions that give away credentials, data or permissions when they are allowed on everything.
#
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html, each
# action's description, 2026-11-24. Actions that AWS lets nobody limit to a resource are left out.
package plumbline.lib.sensitive

# Answers hold something to sign in with, or make it.
credentials := {
	"codepipeline": {"codepipeline:pollforjobs"},
	"cognito-identity": {"cognito-identity:getopenidtokenfordeveloperidentity"},
	"connect": {"connect:getfederationtoken"},
	"ec2": {"ec2:getpassworddata"},
	"gamelift": {"gamelift:requestuploadcredentials"},
	"iam": {
		"iam:createaccesskey",
		"iam:createloginprofile",
		"iam:createservicespecificcredential",
		"iam:resetservicespecificcredential",
		"iam:updateaccesskey",
		"iam:updateloginprofile",
	},
	"lightsail": {"lightsail:getinstanceaccessdetails", "lightsail:getrelationaldatabasemasteruserpassword"},
	"mediapackage": {"mediapackage:rotatechannelcredentials", "mediapackage:rotateingestendpointcredentials"},
	"rds-db": {"rds-db:connect"},
	"redshift": {"redshift:getclustercredentials", "redshift:getclustercredentialswithiam"},
	"redshift-serverless": {"redshift-serverless:getcredentials"},
	"sts": {"sts:assumerole", "sts:getfederationtoken"},
}

# Answers hold what customers or programs stored.
data_reading := {
	"dynamodb": {
		"dynamodb:batchgetitem",
		"dynamodb:exporttabletopointintime",
		"dynamodb:getitem",
		"dynamodb:partiqlselect",
		"dynamodb:query",
		"dynamodb:scan",
	},
	"ebs": {"ebs:getsnapshotblock"},
	"kinesis": {"kinesis:getrecords"},
	"lambda": {"lambda:getfunction"},
	"rds-data": {"rds-data:batchexecutestatement", "rds-data:executestatement"},
	"s3": {"s3:getobject", "s3:getobjectversion"},
	"secretsmanager": {"secretsmanager:getsecretvalue"},
	"sqs": {"sqs:receivemessage"},
	"ssm": {"ssm:getparameter", "ssm:getparameterhistory", "ssm:getparameters", "ssm:getparametersbypath"},
}

# They change who may do what: identity policies, resource policies, keys, sharing.
permissions := {
	"acm-pca": {"acm-pca:createpermission", "acm-pca:deletepermission", "acm-pca:putpolicy"},
	"apigateway": {"apigateway:updaterestapipolicy"},
	"backup": {"backup:deletebackupvaultaccesspolicy", "backup:putbackupvaultaccesspolicy"},
	"cloudformation": {"cloudformation:setstackpolicy"},
	"codeartifact": {"codeartifact:putdomainpermissionspolicy", "codeartifact:putrepositorypermissionspolicy"},
	"codebuild": {"codebuild:deleteresourcepolicy", "codebuild:putresourcepolicy"},
	"dynamodb": {"dynamodb:deleteresourcepolicy", "dynamodb:putresourcepolicy"},
	"ec2": {
		"ec2:createnetworkinterfacepermission",
		"ec2:modifysnapshotattribute",
		"ec2:modifyvpcendpointservicepermissions",
		"ec2:resetsnapshotattribute",
	},
	"ecr": {"ecr:deleterepositorypolicy", "ecr:setrepositorypolicy"},
	"elasticfilesystem": {"elasticfilesystem:deletefilesystempolicy", "elasticfilesystem:putfilesystempolicy"},
	"events": {"events:putpermission", "events:removepermission"},
	"glue": {"glue:deleteresourcepolicy", "glue:putresourcepolicy"},
	"iam": {
		"iam:addusertogroup",
		"iam:attachgrouppolicy",
		"iam:attachrolepolicy",
		"iam:attachuserpolicy",
		"iam:createpolicy",
		"iam:createpolicyversion",
		"iam:deletegrouppolicy",
		"iam:deletepolicyversion",
		"iam:deleterolepermissionsboundary",
		"iam:deleterolepolicy",
		"iam:deleteuserpermissionsboundary",
		"iam:deleteuserpolicy",
		"iam:detachgrouppolicy",
		"iam:detachrolepolicy",
		"iam:detachuserpolicy",
		"iam:passrole",
		"iam:putgrouppolicy",
		"iam:putrolepermissionsboundary",
		"iam:putrolepolicy",
		"iam:putuserpermissionsboundary",
		"iam:putuserpolicy",
		"iam:setdefaultpolicyversion",
		"iam:updateassumerolepolicy",
	},
	"iot": {"iot:attachpolicy", "iot:createpolicyversion", "iot:setdefaultpolicyversion"},
	"kinesis": {"kinesis:deleteresourcepolicy", "kinesis:putresourcepolicy"},
	"kms": {"kms:creategrant", "kms:putkeypolicy", "kms:retiregrant", "kms:revokegrant"},
	"lambda": {"lambda:addlayerversionpermission", "lambda:addpermission", "lambda:createfunctionurlconfig", "lambda:removepermission"},
	"organizations": {"organizations:attachpolicy", "organizations:detachpolicy", "organizations:updatepolicy"},
	"ram": {"ram:associateresourceshare"},
	"s3": {
		"s3:deleteaccesspointpolicy",
		"s3:deletebucketpolicy",
		"s3:putaccesspointpolicy",
		"s3:putbucketacl",
		"s3:putbucketpolicy",
		"s3:putbucketpublicaccessblock",
		"s3:putobjectacl",
		"s3:putobjectversionacl",
	},
	"secretsmanager": {"secretsmanager:deleteresourcepolicy", "secretsmanager:putresourcepolicy"},
	"serverlessrepo": {"serverlessrepo:putapplicationpolicy"},
	"sns": {"sns:addpermission", "sns:removepermission"},
	"sqs": {"sqs:addpermission", "sqs:removepermission"},
	"ssm": {"ssm:modifydocumentpermission"},
}

# They turn ciphertext back into data.
decryption := {"kms": {"kms:decrypt", "kms:reencryptfrom"}}
