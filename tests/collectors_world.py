"""One of everything, created in moto: what the collectors' contract tests read back."""

import json
from typing import Any

from bench.estate import ACCOUNT, CREDENTIALS, REGION, code

PASSWORD = "Tr0ub4dor&3-hunter2"
API_TOKEN = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
DATABASE_URL = "postgres://orders:s3cr3t-Pa55@db.internal:5432/orders"
CONTACT = "Dana Example"
SECRETS = (
    PASSWORD,
    API_TOKEN,
    CONTACT,
    "s3cr3t-Pa55",
    "MyParameterValue-91x",
    "MySecretString-77y",
)

FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/orders-role"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def client(service: str, endpoint: str, region: str = REGION) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(s3={"addressing_style": "path"}, inject_host_prefix=False)
    return boto3.Session(**CREDENTIALS).client(
        service, region_name=region, endpoint_url=endpoint, config=config
    )


def document(action: str, principal: Any = None, resource: Any = "*") -> str:
    statement = {"Effect": "Allow", "Action": action}
    if principal is not None:
        statement["Principal"] = principal
    if resource is not None:
        statement["Resource"] = resource
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def build(endpoint: str) -> None:
    for create in (
        _identities, _network_and_functions, _storage, _messages, _rest, _http, _events, _keys,
        _watchers, _front, _account, _stack,
    ):  # fmt: skip
        create(endpoint)


def _identities(endpoint: str) -> None:
    iam = client("iam", endpoint)
    boundary = iam.create_policy(
        PolicyName="boundary", PolicyDocument=document("s3:*"), Tags=[{"Key": "team", "Value": "a"}]
    )["Policy"]["Arn"]
    iam.create_role(
        RoleName="orders-role",
        AssumeRolePolicyDocument=document(
            "sts:AssumeRole", {"Service": "lambda.amazonaws.com"}, None
        ),
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "orders"}],
    )
    iam.put_role_policy(
        RoleName="orders-role", PolicyName="read", PolicyDocument=document("dynamodb:Query")
    )
    iam.attach_role_policy(RoleName="orders-role", PolicyArn=BASIC)
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    iam.create_group(GroupName="admins")
    iam.create_user(UserName="dana")
    iam.add_user_to_group(UserName="dana", GroupName="admins")
    iam.create_login_profile(UserName="dana", Password=PASSWORD)
    iam.create_access_key(UserName="dana")


def _network_and_functions(endpoint: str) -> None:
    ec2, aws = client("ec2", endpoint), client("lambda", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="open", Description="open to all", VpcId=vpc)
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"],
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ],
    )  # fmt: skip
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")
    layer = aws.publish_layer_version(
        LayerName="shared", Content={"ZipFile": code()}, CompatibleRuntimes=["python3.13"]
    )["LayerVersionArn"]
    aws.create_function(
        FunctionName="orders", Runtime="python3.13", Role=ROLE_ARN, Handler="app.handler",
        Code={"ZipFile": code()}, MemorySize=512, Timeout=30, Layers=[layer],
        Environment={"Variables": {
            "DB_PASSWORD": PASSWORD, "STRIPE": API_TOKEN, "DATABASE_URL": DATABASE_URL,
            "TABLE": "orders",
        }},
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group["GroupId"]]},
        TracingConfig={"Mode": "Active"},
        Tags={"team": "orders", "environment": "prod"},
    )  # fmt: skip
    aws.create_function(
        FunctionName="quiet", Runtime="python3.13", Role=ROLE_ARN, Handler="app.handler",
        Code={"ZipFile": code()},
    )  # fmt: skip
    aws.add_permission(
        FunctionName="orders", StatementId="public-url", Action="lambda:InvokeFunctionUrl",
        Principal="*", FunctionUrlAuthType="NONE",
    )  # fmt: skip
    aws.add_permission(
        FunctionName="orders", StatementId="from-bucket", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::uploads", SourceAccount=ACCOUNT,
    )  # fmt: skip
    aws.create_function_url_config(FunctionName="orders", AuthType="NONE")
    aws.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=7)
    aws.publish_version(FunctionName="orders")
    aws.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    aws.put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=1)


def _storage(endpoint: str) -> None:
    s3, ecr, table = client("s3", endpoint), client("ecr", endpoint), client("dynamodb", endpoint)
    for name, region in (("uploads", REGION), ("elsewhere", "us-west-2")):
        client("s3", endpoint, region).create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": region}
        )
    s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(
        Bucket="uploads",
        ServerSideEncryptionConfiguration={"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        ]},
    )  # fmt: skip
    s3.put_bucket_policy(
        Bucket="uploads", Policy=document("s3:GetObject", "*", "arn:aws:s3:::uploads/*")
    )
    s3.put_bucket_tagging(Bucket="uploads", Tagging={"TagSet": [{"Key": "data", "Value": "pii"}]})
    s3.put_bucket_acl(Bucket="uploads", ACL="public-read")
    ecr.create_repository(
        repositoryName="images",
        imageScanningConfiguration={"scanOnPush": True},
        tags=[{"Key": "team", "Value": "orders"}],
    )
    table.create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 3},
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
        Tags=[{"Key": "team", "Value": "orders"}],
    )
    table.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def _messages(endpoint: str) -> None:
    sqs, sns = client("sqs", endpoint), client("sns", endpoint)
    dead = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    sqs.create_queue(QueueName="dead")
    sqs.create_queue(
        QueueName="orders",
        Attributes={
            "Policy": document("sqs:SendMessage", "*"),
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3}),
            "SqsManagedSseEnabled": "true",
        },
        tags={"team": "orders"},
    )
    arn = sns.create_topic(
        Name="orders",
        Attributes={"KmsMasterKeyId": "alias/aws/sns"},
        Tags=[{"Key": "team", "Value": "orders"}],
    )["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="https", Endpoint="https://hooks.example.com/in?token=abc")
    sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=FUNCTION_ARN)
    client("lambda", endpoint).create_event_source_mapping(
        FunctionName="orders", EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", BatchSize=5
    )


def _rest(endpoint: str) -> None:
    aws = client("apigateway", endpoint)
    api = aws.create_rest_api(
        name="shop", tags={"team": "orders"}, policy=document("execute-api:Invoke", "*"),
        endpointConfiguration={"types": ["REGIONAL"]},
    )  # fmt: skip
    authorizer = aws.create_authorizer(
        restApiId=api["id"], name="sign-in", type="TOKEN", identitySource="method.request.header.A",
        authorizerUri=f"arn:aws:apigateway:{REGION}:lambda:path/x/functions/{FUNCTION_ARN}/invocations",
    )  # fmt: skip
    at = {"restApiId": api["id"], "resourceId": api["rootResourceId"]}
    aws.put_method(**at, httpMethod="GET", authorizationType="NONE")
    aws.put_integration(
        **at, httpMethod="GET", type="HTTP", integrationHttpMethod="GET", uri="https://x.example",
        requestParameters={"integration.request.header.x-api-key": f"'{PASSWORD}'"},
    )  # fmt: skip
    aws.put_method(
        **at, httpMethod="POST", authorizationType="CUSTOM", authorizerId=authorizer["id"]
    )
    aws.put_integration(
        **at, httpMethod="POST", type="AWS_PROXY", integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{REGION}:lambda:path/x/functions/{FUNCTION_ARN}/invocations",
    )  # fmt: skip
    aws.create_deployment(restApiId=api["id"], stageName="live", variables={"token": PASSWORD})


def _http(endpoint: str) -> None:
    aws = client("apigatewayv2", endpoint)
    api = aws.create_api(Name="web", ProtocolType="HTTP", Tags={"team": "orders"})["ApiId"]
    authorizer = aws.create_authorizer(
        ApiId=api, Name="jwt", AuthorizerType="JWT", IdentitySource=["$request.header.A"],
        JwtConfiguration={"Audience": ["web"], "Issuer": "https://issuer.example"},
    )["AuthorizerId"]  # fmt: skip
    integration = aws.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION_ARN,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]  # fmt: skip
    aws.create_route(ApiId=api, RouteKey="GET /open", Target=f"integrations/{integration}")
    aws.create_route(
        ApiId=api, RouteKey="GET /closed", AuthorizationType="JWT", AuthorizerId=authorizer,
        Target=f"integrations/{integration}",
    )  # fmt: skip
    aws.create_stage(ApiId=api, StageName="$default", StageVariables={"password": PASSWORD})


def _events(endpoint: str) -> None:
    events, states = client("events", endpoint), client("stepfunctions", endpoint)
    events.create_event_bus(Name="orders", Tags=[{"Key": "team", "Value": "orders"}])
    events.put_permission(
        EventBusName="orders", Action="events:PutEvents", Principal="*", StatementId="anyone"
    )
    events.put_rule(
        Name="nightly", EventBusName="default", ScheduleExpression="rate(1 day)", State="ENABLED"
    )
    events.put_targets(
        Rule="nightly",
        Targets=[
            {"Id": "1", "Arn": FUNCTION_ARN,
             "Input": json.dumps({"password": PASSWORD, "mode": "full"})}
        ],
    )  # fmt: skip
    states.create_state_machine(
        name="fulfil",
        roleArn=ROLE_ARN,
        definition=json.dumps({
            "StartAt": "Pay",
            "States": {"Pay": {"Type": "Pass", "End": True,
                               "Parameters": {"api_key": API_TOKEN, "mode": "live"}}},
        }),
        tracingConfiguration={"enabled": True},
        tags=[{"key": "team", "value": "orders"}],
    )  # fmt: skip


def _keys(endpoint: str) -> None:
    secrets, ssm, kms = (client(each, endpoint) for each in ("secretsmanager", "ssm", "kms"))
    secrets.create_secret(
        Name="db", SecretString="MySecretString-77y", Tags=[{"Key": "team", "Value": "orders"}]
    )
    secrets.put_resource_policy(
        SecretId="db",
        ResourcePolicy=document(
            "secretsmanager:GetSecretValue", {"AWS": "arn:aws:iam::999999999999:root"}
        ),
    )
    ssm.put_parameter(
        Name="/orders/token", Type="SecureString", Value="MyParameterValue-91x",
        Tags=[{"Key": "team", "Value": "orders"}],
    )  # fmt: skip
    key = kms.create_key(Description="orders", Tags=[{"TagKey": "team", "TagValue": "orders"}])
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key["KeyMetadata"]["KeyId"])
    kms.enable_key_rotation(KeyId=key["KeyMetadata"]["KeyId"])


def _watchers(endpoint: str) -> None:
    logs, watch = client("logs", endpoint), client("cloudwatch", endpoint)
    logs.create_log_group(logGroupName="/aws/lambda/orders", tags={"team": "orders"})
    logs.put_retention_policy(logGroupName="/aws/lambda/orders", retentionInDays=14)
    watch.put_metric_alarm(
        AlarmName="orders-errors", Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum",
        Dimensions=[{"Name": "FunctionName", "Value": "orders"}], Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    trail = client("cloudtrail", endpoint)
    client("s3", endpoint).create_bucket(
        Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    logs.create_log_group(logGroupName="trail", tags={"team": "security"})
    trail.create_trail(
        Name="audit", S3BucketName="trail-logs", EnableLogFileValidation=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*",
        CloudWatchLogsRoleArn=ROLE_ARN,
        TagsList=[{"Key": "team", "Value": "security"}],
    )  # fmt: skip
    trail.start_logging(Name="audit")
    logs.put_metric_filter(
        logGroupName="trail", filterName="root", filterPattern='{ $.userIdentity.type = "Root" }',
        metricTransformations=[
            {"metricName": "RootUse", "metricNamespace": "audit", "metricValue": "1"}
        ],
    )  # fmt: skip


def _front(endpoint: str) -> None:
    pools, graph, kinesis = (client(n, endpoint) for n in ("cognito-idp", "appsync", "kinesis"))
    pools.create_user_pool(
        PoolName="people", MfaConfiguration="OFF", UserPoolTags={"team": "orders"}
    )
    graph.create_graphql_api(
        name="graph", authenticationType="API_KEY", xrayEnabled=True, tags={"team": "orders"}
    )
    kinesis.create_stream(StreamName="clicks", ShardCount=2)
    kinesis.add_tags_to_stream(StreamName="clicks", Tags={"team": "orders"})
    distribution = client("cloudfront", endpoint).create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": {
                "CallerReference": "1", "Comment": "shop", "Enabled": True,
                "Origins": {"Quantity": 1, "Items": [{
                    "Id": "api", "DomainName": "x.example",
                    "CustomHeaders": {"Quantity": 1, "Items": [
                        {"HeaderName": "x-origin-token", "HeaderValue": PASSWORD}]},
                    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443,
                                           "OriginProtocolPolicy": "http-only"},
                }]},
                "DefaultCacheBehavior": {
                    "TargetOriginId": "api", "ViewerProtocolPolicy": "allow-all",
                    "TrustedSigners": {"Enabled": False, "Quantity": 0},
                    "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                    "MinTTL": 0,
                },
            },
            "Tags": {"Items": [{"Key": "team", "Value": "web"}]},
        }
    )["Distribution"]  # fmt: skip
    _edge_logs(endpoint, distribution["ARN"])


def _edge_logs(endpoint: str, distribution: str) -> None:
    logs = client("logs", endpoint, "us-east-1")
    logs.put_delivery_source(name="shop", resourceArn=distribution, logType="ACCESS_LOGS")
    destination = logs.put_delivery_destination(
        name="shop", deliveryDestinationConfiguration={
            "destinationResourceArn": "arn:aws:s3:::edge-logs",
        },
    )["deliveryDestination"]  # fmt: skip
    logs.create_delivery(deliverySourceName="shop", deliveryDestinationArn=destination["arn"])


def _account(endpoint: str) -> None:
    iam = client("iam", endpoint)
    iam.update_account_password_policy(MinimumPasswordLength=14, PasswordReusePrevention=24)
    iam.upload_server_certificate(
        ServerCertificateName="old", CertificateBody="body", PrivateKey=PASSWORD
    )
    client("account", endpoint).put_alternate_contact(
        AlternateContactType="SECURITY", EmailAddress="security@example.com",
        Name=CONTACT, PhoneNumber="+10000000", Title="CISO",
    )  # fmt: skip
    config = client("config", endpoint)
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default", "roleARN": ROLE_ARN, "recordingGroup": {"allSupported": True},
        }
    )  # fmt: skip
    client("securityhub", endpoint).enable_security_hub()


def _stack(endpoint: str) -> None:
    template = {"Resources": {"Waiting": {
        "Type": "AWS::SQS::Queue", "Properties": {"QueueName": "waiting"},
    }}}  # fmt: skip
    client("cloudformation", endpoint).create_stack(
        StackName="orders-stack",
        TemplateBody=json.dumps(template),
        Tags=[{"Key": "repository", "Value": "shop"}],
    )
