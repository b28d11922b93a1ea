"""Where the properties of one resource name another: the edges of the graph, as a table.

A row reads "property P of type T names a resource of one of these types". `[]` walks a list, `*`
every value of a map. With no target types, only an unmistakable alias (ARN, URL, `${LogicalId}`)
joins: a bare name could belong to anything.
"""

from collections.abc import Mapping
from types import MappingProxyType

FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
ROLE = "AWS::IAM::Role"
USER = "AWS::IAM::User"
GROUP = "AWS::IAM::Group"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
INLINE_POLICY = "AWS::IAM::Policy"
OIDC_PROVIDER = "AWS::IAM::OIDCProvider"
BUCKET = "AWS::S3::Bucket"
TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
STREAM = "AWS::Kinesis::Stream"
KEY = "AWS::KMS::Key"
KEY_ALIAS = "AWS::KMS::Alias"
LOG_GROUP = "AWS::Logs::LogGroup"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
SECRET_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"  # noqa: S105 - a resource type
LOG_SOURCE = "AWS::Logs::DeliverySource"
METRIC_FILTER = "AWS::Logs::MetricFilter"
ALARM = "AWS::CloudWatch::Alarm"
PARAMETER = "AWS::SSM::Parameter"
REST_API = "AWS::ApiGateway::RestApi"
REST_STAGE = "AWS::ApiGateway::Stage"
REST_AUTHORIZER = "AWS::ApiGateway::Authorizer"
HTTP_API = "AWS::ApiGatewayV2::Api"
HTTP_AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"
HTTP_INTEGRATION = "AWS::ApiGatewayV2::Integration"
EVENT_BUS = "AWS::Events::EventBus"
RULE = "AWS::Events::Rule"
STATE_MACHINE = "AWS::StepFunctions::StateMachine"
USER_POOL = "AWS::Cognito::UserPool"
VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
GRAPHQL_API = "AWS::AppSync::GraphQLApi"
WEB_ACL = "AWS::WAFv2::WebACL"
WEB_ACL_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"

_FUNCTIONS = (FUNCTION, ALIAS, "AWS::Lambda::Version")
_KEYS = (KEY, KEY_ALIAS)
_IDENTITIES = {"Roles[]": (ROLE,), "Users[]": (USER,), "Groups[]": (GROUP,)}
_ANY: tuple[str, ...] = ()

REFERENCES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        FUNCTION: {
            "Role": (ROLE,),
            "DeadLetterConfig.TargetArn": (QUEUE, TOPIC),
            "Layers[]": ("AWS::Lambda::LayerVersion",),
            "KmsKeyArn": _KEYS,
            "VpcConfig.SubnetIds[]": (SUBNET,),
            "VpcConfig.SecurityGroupIds[]": (SECURITY_GROUP,),
            "LoggingConfig.LogGroup": (LOG_GROUP,),
            "CodeSigningConfigArn": ("AWS::Lambda::CodeSigningConfig",),
        },
        ALIAS: {"FunctionName": (FUNCTION,)},
        "AWS::Lambda::Version": {"FunctionName": (FUNCTION,)},
        "AWS::Lambda::Permission": {"FunctionName": _FUNCTIONS, "SourceArn": _ANY},
        "AWS::Lambda::Url": {"TargetFunctionArn": _FUNCTIONS},
        "AWS::Lambda::EventSourceMapping": {
            "FunctionName": _FUNCTIONS,
            "EventSourceArn": _ANY,
            "DestinationConfig.OnFailure.Destination": _ANY,
        },
        "AWS::Lambda::EventInvokeConfig": {
            "FunctionName": _FUNCTIONS,
            "DestinationConfig.OnFailure.Destination": _ANY,
            "DestinationConfig.OnSuccess.Destination": _ANY,
        },
        ROLE: {
            "ManagedPolicyArns[]": (MANAGED_POLICY,),
            "PermissionsBoundary": (MANAGED_POLICY,),
            "AssumeRolePolicyDocument.Statement[].Principal.Federated[]": (OIDC_PROVIDER,),
        },
        USER: {
            "ManagedPolicyArns[]": (MANAGED_POLICY,),
            "PermissionsBoundary": (MANAGED_POLICY,),
            "Groups[]": (GROUP,),
        },
        GROUP: {"ManagedPolicyArns[]": (MANAGED_POLICY,)},
        MANAGED_POLICY: _IDENTITIES,
        INLINE_POLICY: _IDENTITIES,
        "AWS::IAM::RolePolicy": {"RoleName": (ROLE,)},
        "AWS::IAM::UserPolicy": {"UserName": (USER,)},
        "AWS::IAM::GroupPolicy": {"GroupName": (GROUP,)},
        "AWS::IAM::UserToGroupAddition": {"GroupName": (GROUP,), "Users[]": (USER,)},
        "AWS::IAM::AccessKey": {"UserName": (USER,)},
        "AWS::IAM::InstanceProfile": {"Roles[]": (ROLE,)},
        BUCKET: {
            "NotificationConfiguration.LambdaConfigurations[].Function": _FUNCTIONS,
            "NotificationConfiguration.QueueConfigurations[].Queue": (QUEUE,),
            "NotificationConfiguration.TopicConfigurations[].Topic": (TOPIC,),
            "LoggingConfiguration.DestinationBucketName": (BUCKET,),
            "ReplicationConfiguration.Rules[].Destination.Bucket": (BUCKET,),
            "BucketEncryption.ServerSideEncryptionConfiguration[]"
            ".ServerSideEncryptionByDefault.KMSMasterKeyID": _KEYS,
        },
        "AWS::S3::BucketPolicy": {"Bucket": (BUCKET,)},
        "AWS::S3::AccessPoint": {"Bucket": (BUCKET,)},
        TABLE: {
            "SSESpecification.KMSMasterKeyId": _KEYS,
            "KinesisStreamSpecification.StreamArn": (STREAM,),
        },
        "AWS::ApplicationAutoScaling::ScalableTarget": {"ResourceId": (TABLE,)},
        QUEUE: {"RedrivePolicy.deadLetterTargetArn": (QUEUE,), "KmsMasterKeyId": _KEYS},
        "AWS::SQS::QueuePolicy": {"Queues[]": (QUEUE,)},
        TOPIC: {"KmsMasterKeyId": _KEYS, "Subscription[].Endpoint": _ANY},
        "AWS::SNS::TopicPolicy": {"Topics[]": (TOPIC,)},
        "AWS::SNS::Subscription": {
            "TopicArn": (TOPIC,),
            "Endpoint": _ANY,
            "RedrivePolicy.deadLetterTargetArn": (QUEUE,),
        },
        REST_API: {"Body.paths.*.*.x-amazon-apigateway-integration.uri": _ANY},
        "AWS::ApiGateway::Resource": {"RestApiId": (REST_API,)},
        "AWS::ApiGateway::Deployment": {"RestApiId": (REST_API,)},
        "AWS::ApiGateway::BasePathMapping": {"RestApiId": (REST_API,)},
        REST_STAGE: {
            "RestApiId": (REST_API,),
            "AccessLogSetting.DestinationArn": (LOG_GROUP,),
            "WebAclArn": (WEB_ACL,),
        },
        "AWS::ApiGateway::Method": {
            "RestApiId": (REST_API,),
            "AuthorizerId": (REST_AUTHORIZER,),
            "Integration.Uri": _ANY,
            "Integration.Credentials": (ROLE,),
        },
        REST_AUTHORIZER: {
            "RestApiId": (REST_API,),
            "AuthorizerUri": _ANY,
            "ProviderARNs[]": (USER_POOL,),
        },
        HTTP_API: {"Body.paths.*.*.x-amazon-apigateway-integration.uri": _ANY, "Target": _ANY},
        "AWS::ApiGatewayV2::ApiMapping": {"ApiId": (HTTP_API, REST_API)},
        "AWS::ApiGatewayV2::Stage": {
            "ApiId": (HTTP_API,),
            "AccessLogSettings.DestinationArn": (LOG_GROUP,),
        },
        "AWS::ApiGatewayV2::Route": {
            "ApiId": (HTTP_API,),
            "AuthorizerId": (HTTP_AUTHORIZER,),
            "Target": (HTTP_INTEGRATION,),
        },
        HTTP_INTEGRATION: {"ApiId": (HTTP_API,), "IntegrationUri": _ANY, "CredentialsArn": (ROLE,)},
        HTTP_AUTHORIZER: {"ApiId": (HTTP_API,), "AuthorizerUri": _ANY},
        RULE: {
            "EventBusName": (EVENT_BUS,),
            "Targets[].Arn": _ANY,
            "Targets[].RoleArn": (ROLE,),
            "Targets[].DeadLetterConfig.Arn": (QUEUE,),
        },
        "AWS::Events::EventBusPolicy": {"EventBusName": (EVENT_BUS,)},
        "AWS::Scheduler::Schedule": {
            "Target.Arn": _ANY,
            "Target.RoleArn": (ROLE,),
            "Target.DeadLetterConfig.Arn": (QUEUE,),
        },
        "AWS::Pipes::Pipe": {
            "Source": _ANY,
            "Target": _ANY,
            "Enrichment": _ANY,
            "RoleArn": (ROLE,),
        },
        STATE_MACHINE: {
            "RoleArn": (ROLE,),
            "LoggingConfiguration.Destinations[].CloudWatchLogsLogGroup.LogGroupArn": (LOG_GROUP,),
            "DefinitionSubstitutions.*": _ANY,
            "Definition.States.*.Resource": _ANY,
            "Definition.States.*.Parameters.FunctionName": _FUNCTIONS,
        },
        "AWS::SageMaker::NotebookInstance": {"RoleArn": (ROLE,), "KmsKeyId": _KEYS},
        SECRET: {"KmsKeyId": _KEYS},
        SECRET_ATTACHMENT: {"SecretId": (SECRET,)},
        "AWS::SecretsManager::RotationSchedule": {
            "SecretId": (SECRET, SECRET_ATTACHMENT),
            "RotationLambdaARN": _FUNCTIONS,
        },
        "AWS::SecretsManager::ResourcePolicy": {"SecretId": (SECRET,)},
        KEY_ALIAS: {"TargetKeyId": (KEY,)},
        LOG_GROUP: {"KmsKeyId": _KEYS},
        "AWS::Logs::SubscriptionFilter": {"LogGroupName": (LOG_GROUP,), "DestinationArn": _ANY},
        LOG_SOURCE: {"ResourceArn": _ANY},
        "AWS::Logs::Delivery": {"DeliverySourceName": (LOG_SOURCE,)},
        METRIC_FILTER: {"LogGroupName": (LOG_GROUP,)},
        ALARM: {
            "AlarmActions[]": _ANY,
            "MetricName": (METRIC_FILTER,),
            "Dimensions[].Value": (
                FUNCTION,
                QUEUE,
                TABLE,
                TOPIC,
                STREAM,
                REST_API,
                HTTP_API,
                STATE_MACHINE,
            ),
        },
        USER_POOL: {"LambdaConfig.*": _FUNCTIONS},
        "AWS::Cognito::UserPoolClient": {"UserPoolId": (USER_POOL,)},
        GRAPHQL_API: {
            "UserPoolConfig.UserPoolId": (USER_POOL,),
            "LogConfig.CloudWatchLogsRoleArn": (ROLE,),
            "LambdaAuthorizerConfig.AuthorizerUri": _FUNCTIONS,
            "WebAclArn": (WEB_ACL,),
        },
        "AWS::AppSync::ApiCache": {"ApiId": (GRAPHQL_API,)},
        "AWS::AppSync::DataSource": {
            "ApiId": (GRAPHQL_API,),
            "LambdaConfig.LambdaFunctionArn": _FUNCTIONS,
            "DynamoDBConfig.TableName": (TABLE,),
            "ServiceRoleArn": (ROLE,),
        },
        STREAM: {"StreamEncryption.KeyId": _KEYS},
        "AWS::CloudFront::Distribution": {
            "DistributionConfig.Origins[].DomainName": _ANY,
            "DistributionConfig.Logging.Bucket": _ANY,
            "DistributionConfig.WebACLId": (WEB_ACL,),
        },
        "AWS::ECR::Repository": {"EncryptionConfiguration.KmsKey": _KEYS},
        "AWS::CloudTrail::Trail": {
            "S3BucketName": (BUCKET,),
            "CloudWatchLogsLogGroupArn": (LOG_GROUP,),
            "KMSKeyId": _KEYS,
            "SnsTopicName": (TOPIC,),
        },
        SUBNET: {"VpcId": (VPC,)},
        SECURITY_GROUP: {"VpcId": (VPC,)},
        "AWS::EC2::VPCEndpoint": {
            "VpcId": (VPC,),
            "SubnetIds[]": (SUBNET,),
            "SecurityGroupIds[]": (SECURITY_GROUP,),
        },
        "AWS::EC2::FlowLog": {"ResourceId": (VPC, SUBNET)},
        "AWS::EC2::SecurityGroupIngress": {"GroupId": (SECURITY_GROUP,)},
        WEB_ACL_ASSOCIATION: {"ResourceArn": _ANY, "WebACLArn": (WEB_ACL,)},
        "AWS::WAFv2::LoggingConfiguration": {"ResourceArn": (WEB_ACL,)},
    }
)

# A log group belongs to the thing whose name its own name carries; no property says so.
# Source: AWS documentation of each service's default log group name, read 2026-11-22.
LOG_GROUP_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "/aws/lambda/": FUNCTION,
        "/aws/vendedlogs/states/": STATE_MACHINE,
        "/aws/appsync/apis/": GRAPHQL_API,
    }
)

# What a resource is also related to, through another: a function stands for its role's policies.
THROUGH: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        FUNCTION: {
            ROLE: (MANAGED_POLICY, INLINE_POLICY, "AWS::IAM::RolePolicy"),
            SUBNET: (VPC,),
            HTTP_INTEGRATION: (HTTP_API, "AWS::ApiGatewayV2::Route"),
        },
        HTTP_API: {HTTP_INTEGRATION: (FUNCTION,)},
        STATE_MACHINE: {ROLE: (MANAGED_POLICY, INLINE_POLICY, "AWS::IAM::RolePolicy")},
        "AWS::SageMaker::NotebookInstance": {
            ROLE: (MANAGED_POLICY, INLINE_POLICY, "AWS::IAM::RolePolicy")
        },
        REST_STAGE: {WEB_ACL_ASSOCIATION: (WEB_ACL,)},
        SECRET: {SECRET_ATTACHMENT: ("AWS::SecretsManager::RotationSchedule",)},
        "AWS::CloudFront::Distribution": {LOG_SOURCE: ("AWS::Logs::Delivery",)},
        GRAPHQL_API: {WEB_ACL_ASSOCIATION: (WEB_ACL,)},
        # In this order: the alarms are those of the filters.
        "AWS::CloudTrail::Trail": {LOG_GROUP: (METRIC_FILTER,), METRIC_FILTER: (ALARM,)},
    }
)
