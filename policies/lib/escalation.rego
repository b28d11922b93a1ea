# Actions by which an identity gives itself more than it was given: all of a list are needed.
#
# Source: https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, each action
# checked against the AWS Service Authorization Reference, 2026-11-22.
package plumbline.lib.escalation

paths := {
	"a new policy version": {"iam:createpolicyversion"},
	"an older policy version": {"iam:setdefaultpolicyversion"},
	"attaching to a role": {"iam:attachrolepolicy"},
	"attaching to a user": {"iam:attachuserpolicy"},
	"attaching to a group": {"iam:attachgrouppolicy"},
	"an inline policy of a role": {"iam:putrolepolicy"},
	"an inline policy of a user": {"iam:putuserpolicy"},
	"an inline policy of a group": {"iam:putgrouppolicy"},
	"joining a group": {"iam:addusertogroup"},
	"rewriting a trust policy": {"iam:updateassumerolepolicy", "sts:assumerole"},
	"another user's access key": {"iam:createaccesskey"},
	"another user's first password": {"iam:createloginprofile"},
	"another user's password": {"iam:updateloginprofile"},
	"a new function with a role": {"iam:passrole", "lambda:createfunction", "lambda:invokefunction"},
	"a new function on an event source": {"iam:passrole", "lambda:createfunction", "lambda:createeventsourcemapping"},
	"the code of a function": {"lambda:updatefunctioncode"},
	"the layers of a function": {"lambda:updatefunctionconfiguration"},
	"a new instance with a role": {"iam:passrole", "ec2:runinstances"},
	"a new stack with a role": {"iam:passrole", "cloudformation:createstack"},
	"a new build project": {"iam:passrole", "codebuild:createproject", "codebuild:startbuild"},
	"a new state machine": {"iam:passrole", "states:createstatemachine", "states:startexecution"},
	"a new Glue endpoint": {"iam:passrole", "glue:createdevendpoint"},
	"the keys of a Glue endpoint": {"glue:updatedevendpoint"},
	"a new Glue job": {"iam:passrole", "glue:createjob", "glue:startjobrun"},
	"a new notebook": {"iam:passrole", "sagemaker:createnotebookinstance", "sagemaker:createpresignednotebookinstanceurl"},
	"the notebook of another": {"sagemaker:createpresignednotebookinstanceurl"},
	"a new task with a role": {"iam:passrole", "ecs:registertaskdefinition", "ecs:runtask"},
	"a new data pipeline": {"iam:passrole", "datapipeline:createpipeline", "datapipeline:putpipelinedefinition"},
	"commands on an instance": {"ssm:sendcommand"},
}

actions := {action | some path in paths; some action in path}

# Their services, written out: this is asked of every statement, the rest of a few.
services := {
	"cloudformation",
	"codebuild",
	"datapipeline",
	"ec2",
	"ecs",
	"glue",
	"iam",
	"lambda",
	"sagemaker",
	"ssm",
	"states",
	"sts",
}
