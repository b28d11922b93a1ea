"""How many checks of a widely used catalogue ours answer, each with a passing and a failing case.

    python -m bench.peers [FILE]

FILE lists check ids with the language of each row; without it the development data beside the
repository is taken. A case in `resource:` or `cloudformation:` counts for CloudFormation, one in
`terraform:` for Terraform; an id counts when it has both verdicts in every language of its rows.
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

import policies
from policies.model import PolicySet

SHARED = Path(__file__).parents[2] / "shared" / "data" / "peer_check_ids.csv"
TARGET = 0.85
_VERDICTS = frozenset({"pass", "fail"})


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ids of a catalogue: those that are answered, and what the others lack."""

    answered: tuple[str, ...]
    lacking: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        whole = len(self.answered) + len(self.lacking)
        share = 100 * len(self.answered) / whole
        lines = [f"{len(self.answered)} of {whole} peer check ids are answered ({share:.1f} %)"]
        return "\n".join(
            [*lines, *(f"{name} lacks {', '.join(what)}" for name, what in self.lacking.items())]
        )


def coverage(wanted: Mapping[str, frozenset[str]], policy_set: PolicySet) -> Coverage:
    """Hold the languages wanted of each id against the cases of the checks that name it."""
    proven: dict[str, set[tuple[str, str]]] = {}
    for policy in policy_set.policies:
        for reference in policy.references:
            proven.setdefault(reference, set()).update(_cases(policy.cases))
    lacking = {}
    for check_id, languages in wanted.items():
        missing = {(each, verdict) for each in languages for verdict in _VERDICTS}
        if missing := missing - proven.get(check_id, set()):
            lacking[check_id] = tuple(
                f"{language} {verdict}" for language, verdict in sorted(missing)
            )
    answered = tuple(check_id for check_id in wanted if check_id not in lacking)
    return Coverage(answered, lacking)


def _cases(path: str) -> Iterator[tuple[str, str]]:
    if not path:
        return
    parsed = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for case in parsed["cases"]:
        language = "terraform" if "terraform" in case else "cloudformation"
        yield language, str(case["expect"])


def read_ids(path: Path) -> Mapping[str, frozenset[str]]:
    """Read the languages of each id from a file with the columns check_id and language."""
    found: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["check_id"], set()).add(row["language"])
    return {check_id: frozenset(languages) for check_id, languages in found.items()}


def main(arguments: list[str]) -> None:
    """Print the coverage."""
    path = Path(arguments[0]) if arguments else SHARED
    if not path.exists():
        print(f"Not measured: {path} is absent.")
        return
    print(coverage(read_ids(path), policies.load()))


if __name__ == "__main__":
    main(sys.argv[1:])
