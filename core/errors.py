"""The error tree. Every class carries a sentence for the person who sees it.

PlumblineError
├── UsageError                 what was asked cannot be done as asked          (exit code 2)
│   ├── SettingsError          a setting is missing or malformed
│   ├── NotFound               the finding, plan, model or file is not known
│   └── UnreadableTemplate     a template cannot be parsed
├── PolicyError                a policy cannot be loaded or evaluated
├── CloudError                 the cloud refused or failed
│   ├── CredentialsError       no credentials, or they were refused
│   ├── AccessDenied           one call is not permitted
│   └── Throttled              the cloud asked us to slow down and kept asking
├── ChatError                  Slack refused or failed
├── ForgeError                 Git or the forge refused or failed
│   └── BranchMoved            the branch changed since the plan was made
├── FixError                   a fix cannot be planned or applied
│   ├── NoBlueprint            no blueprint exists for this check
│   ├── Declined               a correct edit is not possible, with the reason
│   │   ├── AlreadyDeclared    the template says already what the fix would say
│   │   ├── FactMissing        the fix needs what no file says, and only a person knows
│   │   ├── Generated          a tool writes the file, and would undo the edit
│   │   └── ResourceMoved      a live resource is not as the plan saw it
│   └── ProofFailed            a plan does not pass its own proofs
├── DecisionError              a decision is refused; nothing was changed
│   ├── NotAllowed             this person may not decide here
│   ├── StalePlan              the plan shown is no longer the plan in force
│   └── AlreadyDecided         somebody decided first
├── ModelError                 the risk model cannot be loaded, trained or promoted
├── ThreatError                threat intelligence cannot be fetched or read         (exit code 2)
└── AuditError                 the audit chain does not verify
"""


class PlumblineError(Exception):
    """Root of every error that a person may be shown.

    `str(error)` is one sentence for the user: what happened and what to do. It never holds a
    secret, a token or a stack trace.
    """

    exit_code = 1


class UsageError(PlumblineError):
    """What was asked cannot be done as asked."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing or malformed."""


class NotFound(UsageError):
    """The named thing is not known."""


class UnreadableTemplate(UsageError):
    """A template cannot be parsed."""


class PolicyError(PlumblineError):
    """A policy cannot be loaded or evaluated."""

    exit_code = 2


class CloudError(PlumblineError):
    """The cloud refused or failed."""


class CredentialsError(CloudError):
    """No credentials were found, or the cloud refused them."""

    exit_code = 2


class AccessDenied(CloudError):
    """One call is not permitted to this role."""


class Throttled(CloudError):
    """The cloud asked us to slow down and kept asking past our patience."""


class ChatError(PlumblineError):
    """Slack refused or failed."""


class ForgeError(PlumblineError):
    """Git or the forge refused or failed."""


class BranchMoved(ForgeError):
    """The branch changed since the plan was made; the plan must be rebuilt."""


class FixError(PlumblineError):
    """A fix cannot be planned or applied."""


class NoBlueprint(FixError):
    """No blueprint exists for this check."""


class Declined(FixError):
    """A correct edit is not possible here; the message says why. Nothing was written."""


class AlreadyDeclared(Declined):
    """The template says already what the fix would say; deploying it is what is left."""


class FactMissing(Declined):
    """The fix needs a name, a number or a date that no file gives; it is not made up."""


class Generated(Declined):
    """A tool writes the file: the change belongs in its source."""


class ResourceMoved(Declined):
    """A live resource is not as the plan saw it; nothing that others changed was touched."""


class ProofFailed(FixError):
    """A plan does not pass its own proofs. Nothing was written."""


class DecisionError(PlumblineError):
    """A decision is refused; nothing was changed."""


class NotAllowed(DecisionError):
    """This person may not decide here."""


class StalePlan(DecisionError):
    """The plan shown is no longer the plan in force."""


class AlreadyDecided(DecisionError):
    """Somebody decided first."""


class ModelError(PlumblineError):
    """The risk model cannot be loaded, trained or promoted."""


class ThreatError(PlumblineError):
    """Threat intelligence cannot be fetched or read."""

    exit_code = 2


class AuditError(PlumblineError):
    """The audit chain does not verify."""
