"""Plan a fix in Terraform: draft it on the tree, complete it, prove it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.errors import AlreadyDeclared, Declined, NoBlueprint, UnreadableTemplate
from core.gate import Tier
from core.identity import declared_uid
from core.ports import Forge
from core.types import Estate, Finding, Link, Proof, Resource, SourceSpan, Status
from remediation import proof, words
from remediation.blueprint import BLUEPRINTS, FREE, TERRAFORM, Blueprint
from remediation.proof import Judge, Version
from remediation.terraform import Reading, TerraformTarget, TreeDraft, belongs
from templates.terraform import Sources
from templates.terraform.configuration import local_source
from templates.terraform.tree import read_root

_ADDRESS = re.compile(r"(?:module|aws_\w+)\.")
_ROUNDS = 6  # what a fix adds may itself need something, a key for a log group say; never a chain


@dataclass(frozen=True, slots=True)
class Drafted:
    """The files that change, as they are and as they would be, and what is proved of that."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    proofs: tuple[Proof, ...]
    notes: tuple[str, ...]
    place: str
    span: SourceSpan
    tier: Tier


def is_terraform(link: Link) -> bool:
    """Whether a link leads to Terraform: its addresses have a dot, a template's ids have none."""
    return link.path.endswith((".tf", ".tf.json")) or _ADDRESS.match(link.address) is not None


def folder_of(link: Link) -> str:
    """Return the folder that a link leads to; the root's own is empty."""
    in_file = link.path.endswith((".tf", ".tf.json"))
    return _folder(link.path.rpartition("/")[0] if in_file else link.path)


def files_of(forge: Forge, commit: str, folder: str) -> dict[str, bytes]:
    """Return the Terraform of a commit, and what the module in a folder may read."""
    paths = [path for path in forge.files(commit=commit) if belongs(path, folder)]
    return {path: forge.file(path, commit=commit) for path in paths}


def drafted(  # noqa: PLR0913 - a tree, what is wrong where, and who judges
    files: Mapping[str, bytes],
    finding: Finding,
    link: Link,
    blueprint: Blueprint,
    *,
    judge: Judge,
    estate: Estate,
    secret_key: bytes,
) -> Drafted:
    """Draft and prove the fix of a finding. Raises: NoBlueprint, Declined."""
    apply = TERRAFORM.get(blueprint.check_id)
    if apply is None:
        raise NoBlueprint(f"No edit of Terraform is written for {blueprint.check_id} yet")
    draft = TreeDraft(
        files,
        seeing=folder_of(link),
        read_root=partial(
            read_root,
            repository=link.repository,
            secret_key=secret_key,
            region=finding.region,
            account=finding.account,
        ),
    )
    before = draft.reading
    shown = _shown(before, judge, finding, link)
    resource = next(r for r in before.resources if r.uid == shown[0].resource_uid)
    target = TerraformTarget(draft, resource=resource, finding=finding, estate=estate)
    apply(target)
    tiers = (blueprint.tier, *_complete(target, before, judge))
    tier = max(tiers, key=lambda tier: tier.rank)
    return _proved(before, target, finding.check_id, judge=judge, tier=tier)


def revert_proofs(
    files: Mapping[str, bytes],
    before: Mapping[str, bytes],
    undone: Mapping[str, bytes],
    *,
    secret_key: bytes,
) -> tuple[Proof, ...]:
    """Return the proofs of an undo: the modules that see the files still read."""
    read = partial(read_root, repository="", secret_key=secret_key)
    directory = next(iter(before)).rpartition("/")[0]
    now = TreeDraft(files, seeing=directory, read_root=read)
    then = TreeDraft({**files, **undone}, seeing=directory, read_root=read)
    return proof.of_terraform_revert(Version(before, now.reading), Version(undone, then.reading))


def _shown(reading: Reading, judge: Judge, finding: Finding, link: Link) -> Sequence[Finding]:
    """Return the findings of the check on the linked block, once the tree itself shows them."""
    linked = [r for r in reading.resources if _is_linked(r, finding, link)]
    if not linked:
        _refuse_outside(reading, link)
        raise Declined(f"The module no longer declares {words.one_line(link.address)}")
    uids = {r.uid for r in linked}
    shown = [
        f
        for f in judge.findings(reading)
        if f.check_id == finding.check_id and f.resource_uid in uids
    ]
    if not shown:
        raise AlreadyDeclared(
            "The module already passes this check: the live resource differs from what is "
            "declared, and applying the module puts it right"
        )
    proof.refuse_undecided(shown)
    found = [f for f in shown if f.status is not Status.UNKNOWN] or shown
    found.sort(key=lambda f: (f.resource_uid != finding.resource_uid, f.status is not Status.OPEN))
    return found


def _is_linked(resource: Resource, finding: Finding, link: Link) -> bool:
    span = resource.source
    if span is None:
        return False
    if resource.uid == finding.resource_uid:
        return True
    own = declared_uid(link.repository, _folder(link.path), link.address)
    same_file = span.file == link.path
    return resource.uid == own or (same_file and span.address == link.address)


def _refuse_outside(reading: Reading, link: Link) -> None:
    """Say so where the address is one of a module that is kept elsewhere."""
    if not link.address.startswith("module."):
        return
    sources = Sources(reading.files)
    name = link.address.split(".")[1].partition("[")[0]
    for module in reading.modules:
        block = sources.configuration(module.directory).modules.get(name)
        if block is not None and local_source(block, module.directory) is None:
            raise Declined(f"module.{name} comes from outside the tree: change it at its source")


def _folder(path: str) -> str:
    """Return a folder's path as the tree has it: the root's own is empty."""
    return path.strip("/").removeprefix("./").removesuffix(".")


def _complete(target: TerraformTarget, before: Reading, judge: Judge) -> tuple[Tier, ...]:
    """Bring what the fix added to pass the policies in force; return the tiers that touches.

    Hygiene that costs money is said in the proof and left out, as in templates.
    """
    known = {(f.check_id, f.resource_uid) for f in judge.findings(before)}
    tiers: list[Tier] = []
    for _ in range(_ROUNDS):
        reading = target.draft.reading
        added = [
            f
            for f in judge.findings(reading)
            if f.status is Status.OPEN
            and f.source is not None
            and f.source.address not in before.declared
            and (f.check_id, f.resource_uid) not in known
            and f.check_id in TERRAFORM
            and (not f.hygiene or BLUEPRINTS[f.check_id].cost == FREE)
        ]
        if not added:
            break
        companion = TerraformTarget(
            target.draft,
            resource=next(r for r in reading.resources if r.uid == added[0].resource_uid),
            finding=added[0],
            estate=target.estate,
        )
        TERRAFORM[added[0].check_id](companion)
        blueprint = BLUEPRINTS[added[0].check_id]
        target.notes.append(f"Also, {blueprint.summary.lower()}: {blueprint.cost}")
        target.notes.extend(companion.notes)
        tiers.append(blueprint.tier)
    return tuple(tiers)


def _proved(
    before: Reading, target: TerraformTarget, check_id: str, *, judge: Judge, tier: Tier
) -> Drafted:
    files = target.draft.files
    changed = [path for path, data in before.files.items() if files[path] != data]
    span = target.resource.source
    if not changed or span is None:
        raise AlreadyDeclared("The module already says what the fix would say")
    changed.sort(key=lambda path: (path != target.spot.file, path))
    old = {path: before.files[path] for path in changed}
    new = {path: files[path] for path in changed}
    uids = {r.uid for r in before.resources if _same_block(r, span)}
    wrong = {
        f.resource_uid
        for f in judge.findings(before)
        if f.check_id == check_id and f.resource_uid in uids
    }
    try:
        proofs = proof.of_terraform_fix(
            Version(old, before),
            Version(new, target.draft.reading),
            check_id,
            wrong,
            judge=judge,
        )
    except UnreadableTemplate as error:
        raise Declined(f"The module could no longer be read: {error}") from error
    place = f"{span.address}, {span.file}:{span.start_line}"
    return Drafted(old, new, proofs, tuple(dict.fromkeys(target.notes)), place, span, tier)


def _same_block(resource: Resource, span: SourceSpan) -> bool:
    own = resource.source
    return own is not None and (own.file, own.start_byte) == (span.file, span.start_byte)
