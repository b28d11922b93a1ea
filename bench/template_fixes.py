"""Run every blueprint on every finding of real CloudFormation and SAM templates, and say what came.

    python -m bench.template_fixes [FOLDER] [--all | --sample N] [--seed S] [--only PART]
                                   [--processes N] [--no-deploy] [--singles N] [--resume FILE]

FOLDER holds the templates; without it the development data beside the repository is taken. Of them a
seeded sample of 60 is taken; --all takes every one. Each file is re-emitted from the spans of its
nodes; each fix is planned by itself with all its proofs; all fixes of a file together are linted
once and, where the sandbox's AWS could take the file before, deployed, and every property that
changed is read back. A seeded sample of plans is linted singly. With --resume a run that was broken
off goes on: what is in FILE is not done again.
"""

import argparse
import json
import random
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.decline import APART, OTHER
from bench.fixed_template import OWNER, FileReport, lint_singly, local_deployer, report_on
from bench.real_templates import DEVELOPMENT_DATA, templates
from remediation.blueprint import load

SEED = 4
SAMPLE = 60
SINGLES = 300
_SHOWN = 110


def report_of(folder: Path, path: Path, deploy: bool) -> FileReport:
    """Do one file, in a process of the pool."""
    name = path.relative_to(folder).as_posix()
    return report_on(name, path.read_bytes(), local_deployer() if deploy else None)


def run(
    folder: Path, paths: Sequence[Path], *, processes: int, deploy: bool, resume: Path | None
) -> list[FileReport]:
    """Do every file; each report goes to `resume` as soon as it is there."""
    done = {report.file: report for report in _resumed(resume)}
    left = [path for path in paths if path.relative_to(folder).as_posix() not in done]
    random.Random(SEED).shuffle(left)  # what a broken-off run has done is a fair sample
    with ProcessPoolExecutor(processes) as pool:
        waiting = [pool.submit(report_of, folder, path, deploy) for path in left]
        for future in as_completed(waiting):
            report = future.result()
            done[report.file] = report
            if resume is not None:
                with resume.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(report)) + "\n")
    names = {path.relative_to(folder).as_posix() for path in paths}
    return [done[name] for name in sorted(names)]


def _resumed(resume: Path | None) -> Iterator[FileReport]:
    if resume is None or not resume.exists():
        return
    for line in resume.read_text(encoding="utf-8").splitlines():
        yield FileReport(**json.loads(line))


def singles(
    folder: Path, reports: Sequence[FileReport], *, seed: int, count: int, processes: int
) -> tuple[int, list[str]]:
    """Lint a seeded sample of plans one by one; return how many, and their new errors."""
    every = [(r.file, check, address) for r in reports for check, address, _ in r.fixed]
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    by_file: dict[str, list[tuple[str, str]]] = {}
    for file, check, address in chosen:
        by_file.setdefault(file, []).append((check, address))
    with ProcessPoolExecutor(processes) as pool:
        waiting = [
            pool.submit(lint_singly, file, (folder / file).read_bytes(), wanted)
            for file, wanted in sorted(by_file.items())
        ]
        return len(chosen), [error for each in waiting for error in each.result()]


# ── printing ──────────────────────────────────────────────────────────────────


def lines(reports: Sequence[FileReport], single: tuple[int, list[str]]) -> Iterator[str]:
    """Yield the figures as Markdown."""
    yield from _by_language(reports)
    yield ""
    yield from _promises(reports, single)
    yield ""
    yield from _by_check(reports)
    yield ""
    yield from _reasons(reports)
    for report in reports:
        yield from (f"BROKEN {report.file} {c} {a}: {why}" for c, a, why in report.broken)
        yield from (f"FAULT {report.file}: {fault}" for fault in report.faults)
    yield from (f"LINT {error}" for error in single[1])


def _by_language(reports: Sequence[FileReport]) -> Iterator[str]:
    yield (
        "| language | files | fixed | share | declined: callers | value unknown | generated | other "
        "| proof broken | right already | median lines |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for language in [*sorted({r.language for r in reports}), "all"]:
        those = [r for r in reports if language in ("all", r.language)]
        fixed = sum(len(r.fixed) for r in those)
        kinds = Counter(kind for r in those for *_, kind in r.declined)
        broken = sum(len(r.broken) for r in those)
        already = sum(len(r.already) for r in those)
        changed = [count for r in those for _, _, count in r.fixed]
        yield (
            f"| {language} | {len(those)} | {fixed} | {_share(fixed, kinds[OTHER] + broken)} "
            f"| {' | '.join(str(kinds[kind]) for kind in (*APART, OTHER))} "
            f"| {broken} | {already} | {median(changed) if changed else '-'} |"
        )


def _share(fixed: int, rest: int) -> str:
    return f"{100 * fixed / (fixed + rest):.1f} %" if fixed + rest else "-"


def _promises(reports: Sequence[FileReport], single: tuple[int, list[str]]) -> Iterator[str]:
    deployed = Counter(r.deployed for r in reports if r.deployed)
    edited = [r for r in reports if r.together]
    yield "| promise | held |"
    yield "|---|---|"
    faults = Counter(fault.split(": ")[-1].split(" ")[0] for r in reports for fault in r.faults)
    yield f"| promises broken (see below) | {sum(faults.values())} |"
    linted = sum(not r.unlinted for r in edited)
    yield f"| files linted with all their fixes; no answer from cfn-lint | {linted}; {len(edited) - linted} |"
    yield f"| plans linted singly; new errors | {single[0]}; {len(single[1])} |"
    for name, count in sorted(deployed.items()):
        yield f"| files {name}, with all fixes | {count} |"
    read_back = sum(r.read_back for r in reports)
    hidden = sum(r.not_verifiable for r in reports)
    yield f"| changed properties read back; that the sandbox cannot show | {read_back}; {hidden} |"


def _by_check(reports: Sequence[FileReport]) -> Iterator[str]:
    """Yield a line for each check in each language: a share of all would hide a weak one."""
    fixed = Counter((check, r.language) for r in reports for check, _, _ in r.fixed)
    declined = Counter((c, r.language, kind) for r in reports for c, *_, kind in r.declined)
    broken = Counter((check, r.language) for r in reports for check, _, _ in r.broken)
    yield "| check | language | fixed | declined: callers | value unknown | generated | other | proof broken | share |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for check, language in sorted({*fixed, *broken, *((c, lang) for c, lang, _ in declined)}):
        kinds = [declined[check, language, kind] for kind in (*APART, OTHER)]
        made, failed = fixed[check, language], broken[check, language]
        share = _share(made, kinds[-1] + failed)
        counts = " | ".join(map(str, kinds))
        yield f"| {check} | {language} | {made} | {counts} | {failed} | {share} |"


def _reasons(reports: Sequence[FileReport]) -> Iterator[str]:
    reasons: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for check, address, why, _ in report.declined:
            reasons[check, why.replace(address, "…")[:_SHOWN]] += 1
    yield "| declined | check | why |"
    yield "|---|---|---|"
    for (check, why), count in reasons.most_common():
        yield f"| {count} | {check} | {why} |"


def main() -> None:
    """Run, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=DEVELOPMENT_DATA)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--all", action="store_true", help="every template, not a sample")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--no-deploy", action="store_true")
    parser.add_argument("--singles", type=int, default=SINGLES)
    parser.add_argument("--resume", type=Path)
    given = parser.parse_args()
    load()
    warnings.simplefilter("ignore")  # cfn-lint's own dependencies warn of themselves
    started = time.monotonic()
    paths = [path for path in templates(given.folder) if given.only in str(path)]
    found = len(paths)
    if not given.all:
        paths = random.Random(given.seed).sample(paths, min(given.sample, len(paths)))
    reports = run(
        given.folder,
        paths,
        processes=given.processes,
        deploy=not given.no_deploy,
        resume=given.resume,
    )
    single = singles(
        given.folder, reports, seed=given.seed, count=given.singles, processes=given.processes
    )
    print(
        f'{len(reports)} of {found} templates, seed {given.seed}, {time.monotonic() - started:.0f} s; owner "{OWNER}"\n'
    )
    print("\n".join(lines(reports, single)))


if __name__ == "__main__":
    main()
