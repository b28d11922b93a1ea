"""How well failing checks predict which requirements are touched, against another tool's links.

Run: `python -m bench.compliance`. Reads the development data beside the repository: frameworks whose
requirements name the check ids of another tool ("if this check fails, this requirement is touched").
A check is translated to our controls by policies/foreign_ids.yaml; ours are predicted from the
baselines. A link that one side has and the other lacks is an error; who is right is not said.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import policies
from core.compliance import Baseline, find
from policies.foreign_id import controls_of

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "compliance" / "frameworks"
Links = Mapping[str, frozenset[str]]


def _plain(text: str) -> str:
    """Return an id as the files write most: 164.312(a)(2)(iv) becomes 164_312_a_2_iv."""
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def _first_word(requirement: Mapping[str, str]) -> str:
    return _plain(requirement["Name"].split()[0])  # their ids of A1 and C1 name another criterion


def _own_id(requirement: Mapping[str, str]) -> str:
    return _plain(requirement["Id"])


def _article(id_: str) -> str:
    return f"article_{re.match(r'[0-9]+', id_).group()}"  # type: ignore[union-attr]  # each begins so


FILES: Mapping[str, tuple[str, Callable[[Mapping[str, str]], str], Callable[[str], str]]] = {
    "SOC2": ("soc2_aws", _first_word, _plain),
    "HIPAA": ("hipaa_aws", _own_id, _plain),
    "GDPR": ("gdpr_aws", _own_id, _article),
    "ISO 27001": ("iso27001_2022_aws", _own_id, _plain),
}
"""By framework: their file, how they name a requirement, how that name is made of our id."""


def theirs(file: str, name: Callable[[Mapping[str, str]], str]) -> Links:
    """Return by check which requirements it is linked to."""
    links: dict[str, set[str]] = {}
    for each in json.loads((DATA / f"{file}.json").read_text(encoding="utf-8"))["Requirements"]:
        for check in each["Checks"]:
            links.setdefault(check, set()).add(name(each))
    return {check: frozenset(asked) for check, asked in links.items()}


def ours(baseline: Baseline, checks: Iterable[str], name: Callable[[str], str]) -> Links:
    """Return by check which requirements the baseline says are touched; none for unknown checks."""
    found: dict[str, frozenset[str]] = {}
    for check in checks:
        controls = set(controls_of(check))
        asked = (each for each in baseline.requirements if controls & set(each.controls))
        found[check] = frozenset(name(each.id) for each in asked)
    return found


def main() -> None:
    """Print precision and recall of the links, framework by framework."""
    if not DATA.is_dir():
        print("The development data is not beside this checkout; nothing was measured.")
        return
    baselines = policies.load().baselines
    print(
        "| framework | checks linked | of them known to us | links of those | precision | recall "
        "| checks with one requirement right | recall over all checks |"
    )
    print("|" + "---|" * 8)
    for framework, (file, their_name, our_name) in FILES.items():
        truth = theirs(file, their_name)
        said = ours(find(baselines, framework), truth, our_name)
        listed = frozenset().union(*truth.values())
        known = [check for check in truth if controls_of(check)]
        right = sum(len(truth[check] & said[check]) for check in known)
        predicted = sum(len(said[check] & listed) for check in known)
        links = sum(len(truth[check]) for check in known)
        touched = sum(bool(truth[check] & said[check]) for check in known)
        every = sum(map(len, truth.values()))
        print(
            f"| {framework} | {len(truth)} | {len(known)} | {links} | {right / predicted:.2f} "
            f"| {right / links:.2f} | {touched / len(known):.2f} | {right / every:.2f} |"
        )


if __name__ == "__main__":
    main()
