"""Settings: one TOML file in the home directory, and tokens from the environment."""

import os
import secrets
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from app.apart import Limits
from core.errors import SettingsError
from core.health import Rule
from core.ports import Retention
from core.types import Estate

if TYPE_CHECKING:
    from explain.weight import Limits as LabelLimits

FILE_NAME = "plumbline.toml"
HOME_VARIABLE = "PLUMBLINE_HOME"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackSettings(_Section):
    """How the bot speaks and to whom."""

    channel: str = Field("", description="Channel id for findings without an owner's channel")
    owner_channels: dict[str, str] = Field(
        default_factory=dict, description="Channel id by owner, as the owner tag names them"
    )
    admin: str = Field("", description="User id that shadow mode and failures are sent to")
    deciders: tuple[str, ...] = Field(
        (), description="User ids that may decide; empty means every member of the channel"
    )
    allow_public_channels: bool = Field(
        default=False, description="Post findings to public or shared channels too"
    )
    new_per_day: int = Field(
        5, ge=0, description="New findings a channel a day, critical ones apart"
    )
    zone: str = Field("UTC", description="IANA time zone for the times shown")
    transport: Literal["socket", "http"] = Field(
        "socket", description="Socket Mode, or HTTP with signature verification"
    )
    port: int = Field(3000, ge=0, le=65535, description="Port of the HTTP transport")
    api_url: str = Field("https://slack.com/api/", description="Slack Web API address")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value} is not an IANA time zone") from error
        return value


class AwsSettings(_Section):
    """What is scanned."""

    regions: tuple[str, ...] = Field((), description="Regions; empty means the profile's region")
    usage: bool = Field(default=True, description="Read CloudWatch metrics for traffic and cost")


class EstateSettings(_Section):
    """How this company names things."""

    owner_tags: tuple[str, ...] = Field(("owner", "team"), description="Tags that name the owner")
    environment_tags: tuple[str, ...] = Field(
        ("environment", "env", "stage"), description="Tags that name the environment"
    )
    sensitivity_tags: tuple[str, ...] = Field(
        ("data", "data-classification", "sensitivity"), description="Tags that classify the data"
    )
    tag_prefix: str = Field("plumbline:", description="Prefix of the tags that steer policies")
    trusted_accounts: tuple[str, ...] = Field((), description="Account ids that are not foreign")

    def estate(self) -> Estate:
        """Return the core's value of these settings."""
        return Estate(**self.model_dump())


class ScanSettings(_Section):
    """When scans run."""

    every_h: float = Field(6, gt=0, description="Hours between scheduled scans")
    policies: tuple[Path, ...] = Field(
        (), description="Directories or Git checkouts with policies beside the shipped ones"
    )
    exceptions: tuple[Path, ...] = Field(
        (), description="Files of exceptions, beside those that lie with the policies"
    )
    gates: tuple[Path, ...] = Field(
        (), description="Files of gates for fixes, beside those that lie with the policies"
    )
    retrain_every_h: float = Field(24, gt=0, description="Hours between scheduled retrainings")
    follow_s: float = Field(30, gt=0, description="Seconds between looks at a new pull request")


class PolicyRepositorySettings(_Section):
    """One repository of this company's own policies, taken from signed commits only."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name used in messages"
    )
    url: str = Field(description="Git address or path it is fetched from")
    branch: str = Field("main", description="Branch that is followed")
    directory: str = Field("", description="Where the policies lie in it; empty means everywhere")
    allowed_signers: Path = Field(
        description="SSH allowed-signers file with those whose signed commits are loaded"
    )


class RepositorySettings(_Section):
    """One repository that declares resources."""

    name: str = Field(
        description="Name used in links; for GitHub owner/name, for GitLab group/name"
    )
    kind: Literal["local", "github", "gitlab"] = Field(
        "local", description="Where pull requests live"
    )
    path: Path | None = Field(None, description="Bare repository of a local forge")
    url: str = Field(
        "",
        description="Address of a local forge's page; else the Git remote, if not the usual",
    )
    api_url: str = Field(
        "",
        description="GitHub's API or GitLab's server; empty means api.github.com or gitlab.com",
    )
    branch: str = Field("main", description="Branch that fixes are proposed into")
    reviewers: tuple[str, ...] = Field(
        (), description="Who is asked to review beside the code owners, as in CODEOWNERS: @dana"
    )


class GitSettings(_Section):
    """Who commits, and with which key."""

    signing_key: Path | None = Field(None, description="SSH private key that signs commits")
    author_name: str = Field("Plumbline", description="Name of the machine account")
    author_email: str = Field("plumbline@localhost", description="Address of the machine account")


class ForgeSettings(_Section):
    """How fixes are proposed, and how often it is looked how they stand."""

    labels: tuple[str, ...] = Field(
        ("plumbline",), description="Labels of a pull request, beside its severity and its check"
    )
    code_owners: bool = Field(
        default=True, description="Ask those for review whom CODEOWNERS names for the edited files"
    )
    follow_max_s: float = Field(
        900, gt=0, description="Seconds between looks at a pull request that long stands still"
    )


class LinkSettings(_Section):
    """Evidence that ties live resources to code."""

    sources: Path | None = Field(
        None, description="YAML file mapping account, region and stack to repository and path"
    )
    terraform_states: tuple[Path, ...] = Field(
        (), description="Terraform state files to read ids from"
    )


class LiveSettings(_Section):
    """Fixes of live resources that no template declares; off unless everything here says on."""

    enabled: bool = Field(default=False, description="Offer to change live resources directly")
    checks: tuple[str, ...] = Field((), description="Ids of the checks this is offered for")
    accounts: tuple[str, ...] = Field((), description="Account ids in which it is offered")
    role_arn: str = Field(
        "", description="Role that is assumed for changes; never the scanning role"
    )
    external_id: str = Field("", description="External id that the role asks for")
    profile: str = Field("", description="AWS profile for changes, beside or instead of a role")
    operators: tuple[str, ...] = Field(
        (), description="Logins on this machine that may approve and undo with plumbline live"
    )

    @model_validator(mode="after")
    def _has_own_credentials(self) -> Self:
        if self.enabled and not (self.role_arn or self.profile):
            raise ValueError(
                "live changes need credentials of their own: name live.role_arn or live.profile"
            )
        return self


class CanarySettings(_Section):
    """How fixes that are made without a merge go ahead one first, then in waves, and are judged."""

    waves: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (5, 25),
        min_length=1,
        description="Fixes of one check in each wave after the first, which is one; the last holds on",
    )
    observe_min: int = Field(
        60, ge=10, le=1440, description="Minutes of metrics after a fix that it is judged by"
    )
    history_days: int = Field(
        7, ge=3, le=14, description="Earlier days whose same hours are compared with"
    )
    level: float = Field(
        0.01, gt=0, le=0.1, description="Probability of calling a fix worse that is not"
    )
    ratio: float = Field(
        1.5, ge=1, description="Least factor by which errors or throttles a request have to grow"
    )
    slower: float = Field(
        1.25, ge=1, description="Least factor by which the p95 of the duration has to grow"
    )
    harm: float = Field(
        0.05, gt=0, lt=1, description="Rise in failures a request that a pass must have excluded"
    )
    power: float = Field(
        0.8, gt=0, lt=1, description="Probability with which that rise would have been seen"
    )
    traffic: float = Field(100, ge=1, description="Fewest requests that can be judged")
    drop: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Share of the quietest earlier day under which people are asked",
    )

    def rule(self) -> Rule:
        """Return the thresholds as the core knows them."""
        return Rule(
            level=self.level,
            ratio=self.ratio,
            slower=self.slower,
            harm=self.harm,
            power=self.power,
            traffic=self.traffic,
            drop=self.drop,
        )


class WatchSettings(_Section):
    """How long a verified fix is watched."""

    days: float = Field(
        3, ge=0, le=14, description="Days that a verified fix is watched; 0 for none"
    )
    every_h: float = Field(6, ge=1, description="Hours between two looks")
    roll_back: bool = Field(
        default=True,
        description="Undo a fix since which the resource is worse off; else only say it",
    )


class WorkflowSettings(_Section):
    """Who runs the steps of a fix."""

    executor: Literal["embedded", "stepfunctions", "outside"] = Field(
        "embedded",
        description="Our own queue, AWS Step Functions, or an orchestrator that calls the steps",
    )
    name: str = Field(
        "plumbline-remediation",
        pattern=r"^[A-Za-z0-9_-]{1,60}$",
        description="Name of the state machine, and what its queue and role are called after",
    )
    region: str = Field("", description="Region of the state machine; empty means the profile's")
    profile: str = Field("", description="AWS profile for Step Functions and its queue")
    role_arn: str = Field(
        "", description="Role of the state machine; empty means deploy makes one that may send only"
    )


class ModelSettings(_Section):
    """The risk model's life."""

    simulation: bool = Field(
        default=False, description="This workspace is a simulation: simulated labels count"
    )
    train_timeout_s: float = Field(
        600, gt=0, description="Seconds after which a training is stopped"
    )
    train_memory_mb: int = Field(
        2048, ge=256, description="MiB of address space that a training may take"
    )

    promotion: Literal["automatic", "ask"] = Field(
        "automatic",
        description="Whether a new model that meets every criterion takes over by itself",
    )
    suppress: Literal["off", "on"] = Field(
        "off",
        description="Whether findings below the promoted model's threshold are listed but not posted",
    )
    suppress_recall: float = Field(
        0.97, ge=0.8, lt=1, description="Share of what is real that has to stay shown"
    )
    spot_check: float = Field(
        0.05, gt=0, le=1, description="Share of what is held back that people are asked about"
    )
    spot_checks_week: int = Field(
        1, ge=1, description="Spot checks a week at least, while anything is held back"
    )
    fix_order: Literal["learned", "fixed"] = Field(
        "learned",
        description="Which of several good fixes goes first: as answers taught, or always the usual one",
    )

    def limits(self) -> Limits:
        """Return what a training may take."""
        return Limits(self.train_timeout_s, self.train_memory_mb)


class ThreatSettings(_Section):
    """What is known of attackers."""

    kev: Path | None = Field(
        None,
        description="CISA's catalogue of known exploited vulnerabilities (JSON), or a directory of "
        "such; empty means what `plumbline threat fetch` brought",
    )


class LabelSettings(_Section):
    """How far one person can move the risk model, and when others are asked."""

    person_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Most of the total weight that one person's labels may have, the prior's included",
    )
    person_day: float = Field(100, gt=0, description="Labels that one person's day counts at most")
    burst: int = Field(
        5, ge=1, description="Equal labels of one person within minutes that count in full"
    )
    burst_min: float = Field(
        10, gt=0, description="Minutes between two equal labels that end a burst"
    )
    team_accounts: tuple[str, ...] = Field(
        (),
        description="Persons, as labels name them, that speak for a team: share and day do not bind",
    )
    second_opinion: tuple[str, ...] = Field(
        (), description="User ids asked where people disagree, security say; empty asks the channel"
    )
    severe: Literal["critical", "high", "medium", "none"] = Field(
        "critical",
        description="From this severity on, who is new or often wrong hides a finding only with another",
    )
    newcomer: int = Field(
        10, ge=0, description="Findings that somebody has to have judged to be new no more"
    )

    def limits(self) -> "LabelLimits":
        """Return them as the model knows them."""
        from explain.weight import Limits as LabelLimits

        return LabelLimits(
            share=self.person_share,
            day=self.person_day,
            burst=self.burst,
            burst_min=self.burst_min,
            teams=self.team_accounts,
        )


class RetentionSettings(_Section):
    """How long what served its purpose is kept; decisions, labels and the audit trail always are."""

    deliveries_days: float = Field(
        7, ge=1, description="Days that deliveries of Slack are known again as repeats"
    )
    messages_days: float = Field(
        30, ge=1, description="Days that messages are kept once they are sent or given up"
    )
    jobs_days: float = Field(30, ge=1, description="Days that jobs are kept once they are finished")

    def kept(self) -> Retention:
        """Return the store's value of these settings."""
        return Retention(
            deliveries=timedelta(days=self.deliveries_days),
            messages=timedelta(days=self.messages_days),
            jobs=timedelta(days=self.jobs_days),
        )


class Settings(_Section):
    """Everything that can be set."""

    slack: SlackSettings = SlackSettings()
    aws: AwsSettings = AwsSettings()
    estate: EstateSettings = EstateSettings()
    scan: ScanSettings = ScanSettings()
    git: GitSettings = GitSettings()
    forge: ForgeSettings = ForgeSettings()
    link: LinkSettings = LinkSettings()
    live: LiveSettings = LiveSettings()
    canary: CanarySettings = CanarySettings()
    watch: WatchSettings = WatchSettings()
    workflow: WorkflowSettings = WorkflowSettings()
    model: ModelSettings = ModelSettings()
    threat: ThreatSettings = ThreatSettings()
    labels: LabelSettings = LabelSettings()
    retention: RetentionSettings = RetentionSettings()
    repository: Annotated[tuple[RepositorySettings, ...], Field(description="Repositories")] = ()
    policy_repository: Annotated[
        tuple[PolicyRepositorySettings, ...], Field(description="Repositories of policies")
    ] = ()


class SlackTokens(_Section):
    """What only the environment may hold."""

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""


def home_directory(given: Path | None = None) -> Path:
    """Return the directory that holds all state: given, PLUMBLINE_HOME, or ~/.plumbline."""
    if given:
        return given.expanduser()
    named = os.environ.get(HOME_VARIABLE)
    return Path(named).expanduser() if named else Path.home() / ".plumbline"


def load(home: Path) -> Settings:
    """Read the settings file; defaults where there is none.

    Raises: SettingsError naming the setting that is wrong.
    """
    path = home / FILE_NAME
    if not path.exists():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {_first_problem(error)}.") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}"


def slack_tokens(transport: str) -> SlackTokens:
    """Read the Slack tokens from the environment.

    Raises: SettingsError naming the first that is missing or has the wrong form.
    """
    bot = _token("SLACK_BOT_TOKEN", "xoxb-", "the bot token of the installed app")
    if transport == "socket":
        app = _token("SLACK_APP_TOKEN", "xapp-", "an app-level token with connections:write")
        return SlackTokens(bot_token=bot, app_token=app)
    secret = os.environ.get("SLACK_SIGNING_SECRET", "")
    if not secret:
        raise SettingsError("SLACK_SIGNING_SECRET is not set; the HTTP transport needs it.")
    return SlackTokens(bot_token=bot, signing_secret=secret)


def _token(variable: str, prefix: str, what: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise SettingsError(f"{variable} is not set; it holds {what}. Run plumbline doctor.")
    if not value.startswith(prefix):
        raise SettingsError(f"{variable} does not begin with {prefix}; it must be {what}.")
    return value


def secret_key(home: Path) -> bytes:
    """Return the key of the fingerprints, made once per home and readable by its owner only."""
    path = home / "fingerprint.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


_REPEATED = {"repository": RepositorySettings, "policy_repository": PolicyRepositorySettings}


def table() -> tuple[tuple[str, str, str, str], ...]:
    """List every setting: name, type, default and meaning, for the docs."""
    rows: list[tuple[str, str, str, str]] = []
    for section, field in Settings.model_fields.items():
        model: Any = _REPEATED.get(section, field.annotation)
        for name, inner in model.model_fields.items():
            default = "" if inner.is_required() else _default_text(inner)
            kind = str(inner.annotation).replace("typing.", "").replace("pathlib._local.", "")
            kind = kind.replace("pathlib.", "").removeprefix("<class '").removesuffix("'>")
            rows.append((f"{section}.{name}", kind, default, inner.description or ""))
    return tuple(rows)


def _default_text(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
