"""Checks stricter than what we would ask for by ourselves: what each one wants, and what to weigh."""

from remediation.blueprint import advise

_REASONS = {
    "PL-APIGATEWAY-101": "Whether an answer may be cached is a question of what the API returns. Set CachingEnabled "
    "and CacheDataEncrypted in the stage's MethodSettings where it may",
    "PL-APIGATEWAY-105": "Which callers a method admits is for its owner to say. Set AuthorizationType, or an API key "
    "where the method is public on purpose",
    "PL-CLOUDFRONT-104": "It needs a certificate for a name of your own in us-east-1. Then set ViewerCertificate with "
    "its ARN and MinimumProtocolVersion TLSv1.2_2021",
    "PL-DYNAMODB-101": "A stated capacity costs money while idle and throttles above it. Set BillingMode PROVISIONED "
    "with ProvisionedThroughput only where traffic is even",
    "PL-FIREHOSE-102": "Put the password into Secrets Manager and name the secret in SecretsManagerConfiguration",
    "PL-FIREHOSE-103": "Put the token into Secrets Manager and name the secret in SecretsManagerConfiguration",
    "PL-IAM-104": "Move the policy to a managed policy where several identities need it; a policy of one role's own is "
    "deleted with it, which is often what is wanted",
    "PL-IAM-109": "Name the resources that the actions need; which they are is for the owner to say. Actions without "
    "resources belong in a statement of their own",
    "PL-IAM-115": "Replace NotPrincipal by a Principal that names who is meant",
    "PL-IAM-118": "Set PasswordResetRequired in the user's LoginProfile, or better remove the password and sign in "
    "through an identity provider",
    "PL-KMS-102": "Name the principals in the key's policy; who uses the key is for its owner to say",
    "PL-LAMBDA-103": "Set SourceAccount or PrincipalOrgID, or name the account that is meant",
    "PL-LAMBDA-104": "Set VpcConfig with subnets and security groups of the network it should reach; without a NAT or "
    "endpoints it loses the internet",
    "PL-LAMBDA-105": "Name the service or account that calls instead of *",
    "PL-S3-112": "Name the principals in the bucket's policy; who reads it is for its owner to say",
    "PL-S3-113": "Replace NotPrincipal by a Principal that names who is meant",
    "PL-SNS-103": "Replace NotPrincipal by a Principal that names who is meant",
    "PL-SNS-104": "Name the principals in the topic's policy; who publishes is for its owner to say",
    "PL-SQS-101": "Set KmsMasterKeyId with a key that senders and receivers may use; queues are encrypted without it",
    "PL-SQS-103": "Replace NotPrincipal by a Principal that names who is meant",
    "PL-SQS-105": "Name the principals in the queue's policy; who sends is for its owner to say",
}
for _check_id, _reason in _REASONS.items():
    advise(_check_id, _reason)
