"""Deploy every real SAM and CloudFormation template into the sandbox's AWS, and say what happened.

    python -m bench.real_templates [FOLDER] [--only PART] [--json FILE] [--sample N --seed S]

FOLDER holds the templates; without it the development data beside the repository is taken. Each template is a stack
of its own in one moto account; parameters without a default get an example value.
"""

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from core.errors import UnreadableTemplate
from sandbox.aws import Aws, Deployer, Deployment
from sandbox.aws.example import example_parameters
from sandbox.aws.readback import Outcome
from sandbox.aws.stackfile import parse

DEVELOPMENT_DATA = Path(__file__).parents[1].parent / "shared" / "data" / "templates"
_IDENTIFIER = re.compile(r"[0-9a-f-]{12,}|arn:\S+")
_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})


def templates(folder: Path) -> tuple[Path, ...]:
    """List the CloudFormation and SAM templates below a folder."""
    found = (p for p in sorted(folder.rglob("*")) if p.suffix in _SUFFIXES)
    return tuple(p for p in found if _is_template(p))


def _is_template(path: Path) -> bool:
    try:
        parse(path.read_bytes(), file=path.name)
    except UnreadableTemplate:
        # Broken templates count; other YAML files in the folder do not.
        return b"AWSTemplateFormatVersion" in path.read_bytes()
    return True


def deploy_all(paths: tuple[Path, ...], folder: Path) -> Iterator[tuple[Path, Deployment]]:
    """Deploy each template as a stack of its own."""
    with Aws() as aws:
        deployer = Deployer(aws)
        for path in paths:
            name = re.sub(r"[^A-Za-z0-9]+", "-", str(path.relative_to(folder))).strip("-")
            yield path, deploy_one(deployer, path, name[-100:].strip("-"))


def deploy_one(deployer: Deployer, path: Path, stack: str) -> Deployment:
    """Deploy one template with example parameters."""
    data = path.read_bytes()
    parameters = parameters_of(deployer.aws, data, file=path.name)
    return deployer.deploy(stack, data, file=path.name, parameters=parameters)


def parameters_of(aws: Aws, data: bytes, *, file: str) -> Mapping[str, str]:
    """Return example values for what a template leaves open."""
    try:
        return example_parameters(parse(data, file=file), aws, text=f"example-{crc32(data):08x}")
    except UnreadableTemplate:
        return {}  # the deployment itself says what is wrong


def verdict(deployment: Deployment) -> str:
    """Say in a word how a template fared."""
    if deployment.error:
        return "not read"
    if deployment.errors:
        return "partly"
    if any(change.action == "recorded" for change in deployment.changes):
        return "wholly, but for types moto has not"
    return "wholly"


def reason(message: str) -> str:
    """Reduce an error to its kind."""
    if "the sandbox deploys no " in message:
        return message.split("the sandbox deploys no ")[1] + ": no handler"
    if "refers to nothing that was created" in message:
        return "refers to a resource that failed"
    kind = re.search(r"\((AWS::[\w:]+)\): (.*)", message)
    if kind:
        return f"{kind[1]}: {_IDENTIFIER.sub('…', kind[2])[:90]}"
    return _IDENTIFIER.sub("…", message)[:90]


def main() -> None:
    """Run, and print the tables that docs/sandbox-aws.md holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=DEVELOPMENT_DATA)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    paths = tuple(p for p in templates(arguments.folder) if arguments.only in str(p))
    if arguments.sample:
        chosen = random.Random(arguments.seed).sample(paths, min(arguments.sample, len(paths)))
        paths = tuple(sorted(chosen))
    started = time.monotonic()
    rows: list[dict[str, Any]] = []
    for path, deployment in deploy_all(paths, arguments.folder):
        rows.append(
            {
                "file": str(path.relative_to(arguments.folder)),
                "verdict": verdict(deployment),
                "resources": len(deployment.changes),
                "read_back": deployment.count(Outcome.READ_BACK),
                "not_verifiable": deployment.count(Outcome.NOT_VERIFIABLE),
                "not_applied": deployment.count(Outcome.NOT_APPLIED),
                "errors": list(deployment.errors),
            }
        )
    _print(rows, time.monotonic() - started)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


def _print(rows: list[dict[str, Any]], seconds: float) -> None:
    verdicts = Counter(row["verdict"] for row in rows)
    print(
        f"{len(rows)} templates, {sum(row['resources'] for row in rows)} resources, {seconds:.0f} s"
    )
    for name in ("read_back", "not_verifiable", "not_applied"):
        print(f"  properties {name}: {sum(row[name] for row in rows)}")
    for name, count in verdicts.most_common():
        print(f"  {count:4} {name}")
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update({reason(error) for error in row["errors"]})
    print("\nwhy not wholly (templates each, a template may have several)")
    for text, count in reasons.most_common():
        print(f"  {count:4} {text}")


if __name__ == "__main__":
    main()
