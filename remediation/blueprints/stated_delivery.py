"""APIs, distributions, trails, alarms and networks: fixes that only state values.

Sources: the CloudFormation and SAM references.
"""

from core.gate import Tier
from remediation.setting import state

# CloudFront's managed policy SecurityHeadersPolicy, the same in every account.
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
HSTS_S = 31_536_000  # a year, what browsers' preload lists ask for
QUERY_DEPTH = 15  # deeper than hand-written queries go; AppSync allows 75
PLAN_RATE_PER_S, PLAN_BURST = 1_000, 500

state(
    "PL-APIGATEWAY-026",
    summary=f"Limit each caller of the plan to {PLAN_RATE_PER_S} requests a second",
    tier=Tier.NETWORK,
    values={"Throttle.RateLimit": PLAN_RATE_PER_S, "Throttle.BurstLimit": PLAN_BURST},
    may_break=(f"Callers above {PLAN_RATE_PER_S} requests a second get 429: raise it if needed",),
)
state(
    "PL-APPSYNC-006",
    summary="Trace the API's requests with X-Ray",
    tier=Tier.OBSERVABILITY,
    values={"XrayEnabled": True},
    sam={"XrayEnabled": True},
    cost="5 USD for each million traces above 100,000 a month",
)
state(
    "PL-APPSYNC-008",
    summary="Describe the API's schema to no caller",
    tier=Tier.NETWORK,
    values={"IntrospectionConfig": "DISABLED"},
    sam={"IntrospectionConfig": "DISABLED"},
    asks_who_calls=True,
    may_break=("Tools that read the schema from the API fail: consoles, generators, federation",),
)
state(
    "PL-APPSYNC-009",
    summary=f"Limit queries to a depth of {QUERY_DEPTH}",
    tier=Tier.NETWORK,
    values={"QueryDepthLimit": QUERY_DEPTH},
    sam={"QueryDepthLimit": QUERY_DEPTH},
    may_break=(f"Queries deeper than {QUERY_DEPTH} fields are refused: raise it if needed",),
)
state(
    "PL-APPSYNC-011",
    summary="Leave headers and answers out of the API's logs",
    tier=Tier.OBSERVABILITY,
    values={"LogConfig.ExcludeVerboseContent": True},
    sam={"Logging.ExcludeVerboseContent": True},
    may_break=("Headers, contexts and mapping templates can no longer be read in the logs",),
    cost="saves storage of logs",
)
state(
    "PL-CLOUDFRONT-009",
    summary="Add security headers to what the distribution answers",
    tier=Tier.NETWORK,
    values={"DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId": SECURITY_HEADERS},
    may_break=(
        "Pages of other sites can no longer frame these; browsers insist on HTTPS for a year",
    ),
)
state(
    "PL-CLOUDFRONT-014",
    summary="Enforce HTTPS for a year",
    tier=Tier.NETWORK,
    values={
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity": {
            "AccessControlMaxAgeSec": HSTS_S,
            "IncludeSubdomains": True,
            "Override": True,
        }
    },
    may_break=("Browsers that came once refuse plain HTTP for a year, subdomains included",),
)
state(
    "PL-CLOUDFRONT-015",
    summary="Serve TLS by name",
    tier=Tier.NETWORK,
    values={"DistributionConfig.ViewerCertificate.SslSupportMethod": "sni-only"},
    may_break=("Clients older than about 2010 cannot connect",),
    cost="saves 600 USD a month for addresses of its own",
)
state(
    "PL-CLOUDTRAIL-004",
    summary="Switch the trail on",
    tier=Tier.OBSERVABILITY,
    values={"IsLogging": True},
    cost="storage of the events; 2 USD for each 100,000 events where another trail records them too",
)
state(
    "PL-CLOUDTRAIL-102",
    summary="Record every Region and the services without one, and switch the trail on",
    tier=Tier.OBSERVABILITY,
    values={"IsLogging": True, "IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True},
    cost="storage of the other Regions' events",
)
state(
    "PL-CLOUDTRAIL-011",
    summary="Protect the event data store from deletion",
    tier=Tier.DATA,
    values={"TerminationProtectionEnabled": True},
    may_break=("Deleting the store needs the protection taken off first",),
)
state(
    "PL-CLOUDWATCH-001",
    summary="Switch the alarm's actions on",
    tier=Tier.OBSERVABILITY,
    values={"ActionsEnabled": True},
    may_break=("The alarm's actions run again, at once if it is in alarm",),
)
state(
    "PL-LAMBDA-030",
    summary="Refuse code that is not signed",
    tier=Tier.NETWORK,
    values={"CodeSigningPolicies.UntrustedArtifactOnDeployment": "Enforce"},
    asks_who_calls=True,
    may_break=("Pipelines that deploy unsigned code to these functions fail",),
)
state(
    "PL-VPC-008",
    summary="Give out no public addresses in the subnet",
    tier=Tier.NETWORK,
    values={"MapPublicIpOnLaunch": False},
    asks_who_calls=True,
    may_break=(
        "Callers from the internet do not reach new instances, which need a NAT to reach it",
    ),
)
state(
    "PL-WAF-005",
    summary="Count the web ACL's requests in CloudWatch",
    tier=Tier.OBSERVABILITY,
    values={"VisibilityConfig.CloudWatchMetricsEnabled": True},
)
