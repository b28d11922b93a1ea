"""User pools, image repositories, distributions and owners."""

from typing import Any

from core.errors import FactMissing
from core.gate import Tier
from remediation.blueprint import blueprint
from remediation.draft import Target, dig

PASSWORD_LENGTH = 14  # CIS AWS Foundations 1.8, version 3.0


@blueprint(
    "PL-COGNITO-001",
    "PL-COGNITO-102",
    summary="Offer multi-factor sign-in to the pool's users",
    tier=Tier.IDENTITY,
    may_break=("Users may set up an authenticator app; nobody is forced to",),
)
def pool_mfa(target: Target) -> None:
    """Optional cuts nobody off; an authenticator app needs no SMS role."""
    target.set(("MfaConfiguration",), "OPTIONAL")
    if not target.get("EnabledMfas"):
        target.set(("EnabledMfas",), ["SOFTWARE_TOKEN_MFA"])


@blueprint(
    "PL-COGNITO-002",
    summary="Require strong passwords of the pool's users",
    tier=Tier.IDENTITY,
    may_break=("New and changed passwords must meet the rules; present ones stay valid",),
)
def pool_passwords(target: Target) -> None:
    """What the pool already demands is kept where it is stronger."""
    path: tuple[str, ...] = ("Policies", "PasswordPolicy")
    length = target.get(*path, "MinimumLength")
    if not isinstance(length, int) or length < PASSWORD_LENGTH:
        target.set((*path, "MinimumLength"), PASSWORD_LENGTH)
    for kind in ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols"):
        if target.get(*path, kind) is not True:
            target.set((*path, kind), True)


@blueprint(
    "PL-COGNITO-003",
    summary="Act on suspicious sign-ins",
    tier=Tier.IDENTITY,
    may_break=("Sign-ins that look risky are challenged or blocked",),
    cost="the pool's Plus plan: 0.02 USD for each monthly active user",
)
def pool_threat_protection(target: Target) -> None:
    """Threat protection is a part of the Plus plan."""
    target.set(("UserPoolTier",), "PLUS")
    target.set(("UserPoolAddOns", "AdvancedSecurityMode"), "ENFORCED")


@blueprint(
    "PL-ECR-001", "PL-ECR-101", summary="Scan images when they are pushed", tier=Tier.OBSERVABILITY
)
def scan_on_push(target: Target) -> None:
    """Basic scanning is free."""
    target.set(("ImageScanningConfiguration", "ScanOnPush"), True)


@blueprint(
    "PL-ECR-002",
    summary="Keep the repository's image tags immutable",
    tier=Tier.DATA,
    may_break=("Pushing a tag that exists fails: pipelines that reuse `latest` must change",),
)
def immutable_tags(target: Target) -> None:
    """A deployed tag then always means the same image."""
    target.set(("ImageTagMutability",), "IMMUTABLE")


@blueprint(
    "PL-CLOUDFRONT-001",
    "PL-CLOUDFRONT-108",
    summary="Redirect viewers to HTTPS",
    tier=Tier.NETWORK,
    may_break=("Clients that do not follow redirects, or post over HTTP, fail",),
)
def viewer_https(target: Target) -> None:
    """Every behaviour that still takes plain HTTP is changed, none else."""
    config: Any = target.get("DistributionConfig")
    behaviours: list[tuple[str | int, ...]] = [("DefaultCacheBehavior",)]
    others = dig(config, ("CacheBehaviors",))
    behaviours += [
        ("CacheBehaviors", n) for n in range(len(others) if isinstance(others, list) else 0)
    ]
    for path in behaviours:
        present = dig(config, (*path, "ViewerProtocolPolicy"))
        if present not in {"https-only", "redirect-to-https"}:
            target.set(("DistributionConfig", *path, "ViewerProtocolPolicy"), "redirect-to-https")


@blueprint(
    "PL-CLOUDFRONT-002",
    summary="Require TLS 1.2 of viewers",
    tier=Tier.NETWORK,
    may_break=("Clients older than about 2014 cannot connect",),
)
def viewer_tls(target: Target) -> None:
    """CloudFront fixes the version for its own certificate: only a custom one can ask for more."""
    certificate = target.get("DistributionConfig", "ViewerCertificate")
    custom = isinstance(certificate, dict) and {"AcmCertificateArn", "IamCertificateId"} & set(
        certificate
    )
    if not custom:
        raise FactMissing(
            "The distribution uses CloudFront's own certificate, which admits TLS 1.0: give it a "
            "domain and a certificate of its own first"
        )
    path = ("DistributionConfig", "ViewerCertificate", "MinimumProtocolVersion")
    target.set(path, "TLSv1.2_2021")


@blueprint(
    "PL-LAMBDA-002",
    summary="Name the function's owner in a tag",
    tier=Tier.OBSERVABILITY,
)
def owner_tag(target: Target) -> None:
    """The owner is written only where it is known; nobody's name is guessed."""
    owner = target.finding.owner
    if not owner:
        raise FactMissing("Who owns the function is not known: say so with a tag, or set its team")
    key = target.estate.owner_tags[0]
    if target.is_sam:
        target.set(("Tags", key), owner)
    else:
        target.append(("Tags",), {"Key": key, "Value": owner})
