"""The directories of a tree, each with what its files declare.

Source: https://developer.hashicorp.com/terraform/language/files
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.errors import UnreadableTemplate
from templates.terraform.parse import parse_hcl
from templates.terraform.parse_json import parse_json, parse_json_values
from templates.terraform.syntax import Body, Expression, Literal, Nested, SourceFile


@dataclass(slots=True)
class Configuration:
    """What the files of one directory declare, before anything is evaluated."""

    directory: str
    files: list[str] = field(default_factory=list)
    variables: dict[str, Nested] = field(default_factory=dict)
    locals: dict[str, Expression] = field(default_factory=dict)
    outputs: dict[str, Nested] = field(default_factory=dict)
    modules: dict[str, Nested] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Nested] = field(default_factory=dict)
    providers: list[Nested] = field(default_factory=list)

    def add(self, file: SourceFile) -> None:
        """Add what a file declares. Raises: UnreadableTemplate."""
        self.files.append(file.path)
        for block in file.body.blocks:
            match block.type, block.labels:
                case "resource", (kind, name):
                    self.resources["managed", kind, name] = block
                case "data", (kind, name):
                    self.resources["data", kind, name] = block
                case "variable", (name,):
                    self.variables[name] = block
                case "output", (name,):
                    self.outputs[name] = block
                case "module", (name,):
                    self.modules[name] = block
                case "provider", (_,):
                    self.providers.append(block)
                case "locals", ():
                    self.locals |= {a.name: a.value for a in block.body.attributes}
                case (
                    "resource" | "data" | "variable" | "output" | "module" | "provider" | "locals",
                    _,
                ):
                    line = file.line_of(block.start)
                    raise UnreadableTemplate(
                        f"{file.path}:{line}: a {block.type} block with {len(block.labels)} labels "
                        "is not valid Terraform."
                    )

    def override(self, file: SourceFile) -> None:
        """Merge an override file: its attributes and block types replace those that were there."""
        extra = Configuration(self.directory)
        extra.add(file)
        self.files += extra.files
        self.locals |= extra.locals
        self.providers += extra.providers
        for mine, theirs in (
            (self.variables, extra.variables),
            (self.outputs, extra.outputs),
            (self.modules, extra.modules),
        ):
            for name, block in theirs.items():
                mine[name] = _merged(mine[name], block) if name in mine else block
        for key, block in extra.resources.items():
            known = self.resources.get(key)
            self.resources[key] = _merged(known, block) if known else block


def _merged(block: Nested, override: Nested) -> Nested:
    names = {a.name for a in override.body.attributes}
    kinds = {b.type for b in override.body.blocks}
    body = Body(
        (*(a for a in block.body.attributes if a.name not in names), *override.body.attributes),
        (*(b for b in block.body.blocks if b.type not in kinds), *override.body.blocks),
    )
    return Nested(block.type, block.labels, body, block.start, block.end, block.file)


class Sources:
    """The files of a tree by their paths below its root; each is parsed once."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {posixpath.normpath(path): content for path, content in files.items()}
        self._directories: dict[str, list[str]] = {}
        for path in sorted(self._files):
            if _is_terraform(path):
                self._directories.setdefault(posixpath.dirname(path), []).append(path)
        self._parsed: dict[str, SourceFile] = {}
        self._configurations: dict[str, Configuration] = {}

    def directories(self) -> tuple[str, ...]:
        """Return the directories that hold `.tf` or `.tf.json` files; the root's own is ""."""
        return tuple(
            d
            for d, paths in self._directories.items()
            if any(p.endswith((".tf", ".tf.json")) for p in paths)
        )

    def content(self, path: str) -> bytes | None:
        """Return a file's bytes; None when it is not in the tree."""
        return self._files.get(posixpath.normpath(path))

    def configuration(self, directory: str) -> Configuration:
        """Return what a directory declares. Raises: UnreadableTemplate."""
        known = self._configurations.get(directory)
        if known is not None:
            return known
        made = Configuration(directory)
        paths = self._modules_of(directory)
        overrides = [p for p in paths if _is_override(p)]
        for path in paths:
            if path not in overrides:
                made.add(self.parsed(path))
        for path in overrides:
            made.override(self.parsed(path))
        self._configurations[directory] = made
        return made

    def _modules_of(self, directory: str) -> list[str]:
        paths = self._directories.get(directory, [])
        return [p for p in paths if p.endswith((".tf", ".tf.json"))]

    def values(self, directory: str) -> Iterator[SourceFile]:
        """Walk a directory's automatic variable files, the weakest first."""
        paths = [p for p in self._directories.get(directory, []) if ".tfvars" in p]
        plain = [p for p in paths if posixpath.basename(p).startswith("terraform.tfvars")]
        for path in (*plain, *(p for p in paths if p not in plain)):
            yield self.parsed(path)

    def parsed(self, path: str) -> SourceFile:
        """Return a file of the tree. Raises: UnreadableTemplate."""
        if path not in self._parsed:
            content = self._files[path]
            if path.endswith(".tfvars.json"):
                self._parsed[path] = parse_json_values(path, content)
            elif path.endswith(".json"):
                self._parsed[path] = parse_json(path, content)
            else:
                self._parsed[path] = parse_hcl(path, content)
        return self._parsed[path]


def _is_terraform(path: str) -> bool:
    name = posixpath.basename(path)
    if name.endswith((".tf", ".tf.json")):
        return not name.startswith(".")
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith(
        (".auto.tfvars", ".auto.tfvars.json")
    )


def _is_override(path: str) -> bool:
    name = posixpath.basename(path).removesuffix(".json").removesuffix(".tf")
    return name == "override" or name.endswith("_override")


def local_source(module: Nested, directory: str) -> str | None:
    """Return the directory that a module block calls; None when it is outside the tree."""
    source = module.body.get("source")
    if not isinstance(source, Literal) or not isinstance(source.value, str):
        return None
    if not source.value.startswith(("./", "../")) and source.value not in (".", ".."):
        return None
    path = posixpath.normpath(posixpath.join(directory, source.value))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def calls_of(sources: Sources) -> dict[str, set[str]]:
    """Return, for each directory, the directories of the tree that its modules call."""
    calls: dict[str, set[str]] = {}
    for directory in sources.directories():
        try:
            modules = sources.configuration(directory).modules.values()
        except UnreadableTemplate:
            modules = {}.values()
        calls[directory] = {t for m in modules if (t := local_source(m, directory)) is not None}
    return calls


def root_modules(files: Mapping[str, bytes] | Sources) -> tuple[str, ...]:
    """Return the directories of a tree that are Terraform modules which no other one calls.

    A directory whose files do not parse calls nobody; reading it says why. Modules that only call
    each other are all roots, so that nothing goes unread.
    """
    sources = files if isinstance(files, Sources) else Sources(files)
    calls = calls_of(sources)
    called = {target for caller, targets in calls.items() for target in targets - {caller}}
    roots = [directory for directory in calls if directory not in called]
    reached: set[str] = set()
    for directory in (*roots, *calls):
        if directory not in reached:
            if directory not in roots:
                roots.append(directory)
            reach(directory, calls, reached)
    return tuple(sorted(roots))


def reach(directory: str, calls: Mapping[str, set[str]], reached: set[str]) -> None:
    """Add a directory and all that it calls to those reached."""
    waiting = [directory]
    while waiting:
        found = waiting.pop()
        if found not in reached:
            reached.add(found)
            waiting += calls.get(found, ())
