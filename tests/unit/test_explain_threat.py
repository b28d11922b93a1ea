"""What is known to be exploited and who uses what: read, counted, and said."""

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import explain
from core.errors import ThreatError
from core.identity import finding_uid
from core.types import Changes, Estate, Evidence, Finding, Resource, Severity, Snapshot
from explain.feature import names
from explain.knowledge import Knowledge
from explain.model import shipped
from explain.scene import Scene
from explain.threat import attack, kev, table

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TODAY = NOW.date()
FUNCTION = "AWS::Lambda::Function"


def entry(cve: str, vendor: str, product: str, added: str) -> dict[str, str]:
    return {"cveID": cve, "vendorProject": vendor, "product": product, "dateAdded": added}


def document(*entries: dict[str, str], released: str = "2026-11-20T12:00:00.1234Z") -> str:
    return json.dumps({"dateReleased": released, "vulnerabilities": list(entries)})


GLIBC = entry("CVE-2025-10001", "GNU", "GNU C Library", "2025-06-01")
NODE = entry("CVE-2026-10002", "Node.js", "Node.js", "2026-03-01")
KNOWN = kev.parse(document(NODE, GLIBC))


def function(name: str = "f", **properties: Any) -> Resource:
    return Resource(
        f"arn:aws:lambda:eu-west-1:111122223333:function:{name}", FUNCTION, name, properties
    )


def finding(of: Resource, control: str = "c") -> Finding:
    return Finding(
        finding_uid("PL-1", of.uid), "PL-1", control, "t", Severity.HIGH, of.uid, of.type, of.name,
        Evidence("m"),
    )  # fmt: skip


def scene(of: Resource, *, control: str = "c", **known: Any) -> Scene:
    snapshot = Snapshot("s", NOW, (of,))
    about = Knowledge(**known)
    return Scene([finding(of, control)], snapshot, {}, (), Estate(), NOW, knowledge=about)


def value(name: str, at: Scene) -> float:
    return float(at.matrix[0, names().index(name)])


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        ("nodejs16.x", 2),  # deprecated in 2024
        ("nodejs18.x", 1),  # deprecated after the first was added
        ("python3.8", 1),
        ("nodejs24.x", 0),
        ("provided", 1),
    ],
)
def test_what_is_exploited_counts_from_the_last_patches_on(runtime: str, expected: int) -> None:
    assert value("exploited_since", scene(function(Runtime=runtime), exploited=KNOWN)) == expected


@pytest.mark.parametrize(
    "properties",
    [{"Runtime": "cobol74"}, {"PackageType": "Image", "Code": {"ImageUri": "a/node:16"}}, {}],
)
def test_software_that_is_not_known_is_not_judged(properties: dict[str, Any]) -> None:
    at = scene(
        function(**properties, Layers=["arn:aws:lambda:a:1:layer:openssl:1"]), exploited=KNOWN
    )

    assert math.isnan(value("exploited_since", at))


def test_without_a_catalogue_nothing_is_known() -> None:
    assert math.isnan(value("exploited_since", scene(function(Runtime="nodejs16.x"))))


def test_what_is_added_later_was_not_known_before() -> None:
    at = replace(
        scene(function(Runtime="nodejs16.x"), exploited=KNOWN), now=NOW - timedelta(days=365)
    )

    assert value("exploited_since", at) == 1


def test_an_old_identifier_that_is_added_late_was_fixed_before() -> None:
    late = kev.parse(document(entry("CVE-2014-0160", "OpenSSL", "OpenSSL", "2026-05-04")))

    assert value("exploited_since", scene(function(Runtime="nodejs16.x"), exploited=late)) == 0


@pytest.mark.parametrize(
    ("vendor", "product", "runtime", "concerned"),
    [
        ("Microsoft", ".NET Core and Visual Studio", "dotnet6", True),
        ("Microsoft", ".NET Framework, SharePoint, Visual Studio", "dotnet6", False),
        ("Microsoft", "ASP.NET Core", "dotnetcore3.1", True),
        ("Oracle", "Java SE and JRockit", "java8", True),
        ("Oracle", "Java SE", "python3.8", False),
        ("Npm package", "System Information Library for Node.JS", "nodejs16.x", False),
        ("Linux", "Kernel", "nodejs16.x", False),
        ("GNU", "Bourne-Again Shell (Bash)", "ruby2.7", True),
        ("PHP Group", "PHP", "provided", False),
    ],
)
def test_a_product_concerns_the_runtimes_that_hold_it(
    vendor: str, product: str, runtime: str, concerned: bool
) -> None:
    known = kev.parse(document(entry("CVE-2026-1000", vendor, product, "2026-06-01")))

    found = known.since(runtime, patched_until=date(2025, 1, 1), today=TODAY)

    assert bool(found) is concerned


def test_why_names_the_vulnerabilities_and_the_day_of_the_catalogue() -> None:
    of = function(Runtime="nodejs16.x")
    (said,) = explain.assess(
        [finding(of)], Snapshot("s", NOW, (of,)), model=shipped(), costs={}, labels=(),
        estate=Estate(), now=NOW, knowledge=Knowledge(exploited=KNOWN),
    )  # fmt: skip

    (told,) = (c for c in said.explanation.contributions if c.feature == "exploited_since")

    assert told.shap_value > 0
    assert told.sentence == (
        "2 vulnerabilities of its runtime are known to be exploited since its last security update: "
        "CVE-2026-10002 (Node.js) and CVE-2025-10001 (GNU C Library), by CISA's catalogue of 2026-11-20"
    )


def test_an_old_catalogue_is_said_to_be_old() -> None:
    assert KNOWN.stale(TODAY) == ""
    assert "41 days old" in KNOWN.stale(date(2026, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        document(entry("no id", "GNU", "glibc", "2026-01-01")),
        document(entry("CVE-2026-1000", "GNU", "glibc", "yesterday")),
        document(released="soon"),
        '{"dateReleased": "2026-01-01", "vulnerabilities": 3}',
    ],
)
def test_what_is_no_catalogue_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "kev.json").write_text(text, encoding="utf-8")

    with pytest.raises(ThreatError, match=r"kev\.json: This is not CISA's catalogue"):
        kev.load(tmp_path / "kev.json")


def test_of_a_directory_the_newest_catalogue_is_read(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(document(NODE), encoding="utf-8")
    (tmp_path / "a.json").write_text(document(released="2020-01-01T00:00:00Z"), encoding="utf-8")

    assert kev.load(tmp_path).dated == date(2026, 11, 20)


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ThreatError, match="no catalogue"):
        kev.load(tmp_path)


@pytest.mark.shared
def test_cisas_own_catalogue_is_read(shared_data: Path) -> None:
    known = kev.load(shared_data / "threat_intel" / "known_exploited_vulnerabilities.json")

    assert len(known.entries) == 1404
    found = known.since("python3.6", patched_until=date(2022, 7, 18), today=TODAY)
    assert [each.cve for each in found] == ["CVE-2023-4911"]


# ── who uses what ─────────────────────────────────────────────────────────────


def test_a_check_has_the_groups_and_campaigns_of_its_techniques() -> None:
    at = scene(function(), control="s3-policy-foreign")

    both = [*attack.techniques()["T1199"].used_by, *attack.techniques()["T1537"].used_by]

    assert value("actors", at) == len(set(both)) > 0


def test_a_check_that_no_technique_fits_has_no_value() -> None:
    assert math.isnan(value("actors", scene(function(), control="lambda-memory")))


def test_a_technique_that_nobody_is_documented_to_use_is_zero() -> None:
    assert value("actors", scene(function(), control="iam-pass-role")) == 0


def test_why_names_the_technique_and_who_used_it() -> None:
    words = attack.words("s3-policy-public")

    assert words.startswith("Data from Cloud Storage (T1530), as ")
    assert words.endswith("4 more did")


def test_why_tells_of_attackers_in_lines_of_their_own() -> None:
    of = function(Runtime="nodejs16.x")
    found = finding(of, control="lambda-url-authentication")
    (said,) = explain.assess(
        [found], Snapshot("s", NOW, (of,)), model=shipped(), costs={}, labels=(),
        estate=Estate(), now=NOW, knowledge=Knowledge(exploited=KNOWN),
    )  # fmt: skip

    assert [line.partition(":")[0] for line in explain.attackers(said)] == [
        "2 vulnerabilities of its runtime are known to be exploited since its last security update",
        "61 groups and campaigns of ATT&CK are documented to use what it opens",
    ]


def bundle() -> dict[str, Any]:
    def named(kind: str, uid: str, **more: Any) -> dict[str, Any]:
        outside = [{"source_name": "mitre-attack", "external_id": uid}]
        return {"type": kind, "id": uid, "name": f"n {uid}", "external_references": outside, **more}

    def uses(source: str, target: str, **more: Any) -> dict[str, Any]:
        return {
            "type": "relationship", "id": f"{source}{target}", "relationship_type": "uses",
            "source_ref": source, "target_ref": target, **more,
        }  # fmt: skip

    return {
        "objects": [
            named("attack-pattern", "T1"), named("attack-pattern", "T2"),
            named("intrusion-set", "G1"), named("intrusion-set", "G2", revoked=True),
            named("intrusion-set", "G3", x_mitre_deprecated=True), named("campaign", "C1"),
            named("malware", "S1"),
            uses("G1", "T1"), uses("G2", "T1"), uses("G3", "T1"), uses("C1", "T1"), uses("S1", "T1"),
            uses("G1", "T2", revoked=True),
        ]
    }  # fmt: skip


def test_the_table_counts_who_stands_in_attack_and_leaves_out_what_was_withdrawn() -> None:
    made = attack.table_of(bundle(), ["T1", "T2"])

    assert made["techniques"]["T1"]["used_by"] == ["C1", "G1"]
    assert made["techniques"]["T2"]["used_by"] == []
    assert made["actors"] == {"C1": "n C1", "G1": "n G1"}


def test_a_technique_that_attack_withdrew_is_named() -> None:
    with pytest.raises(KeyError, match="T9"):
        attack.table_of(bundle(), ["T9"])


def test_every_mapped_technique_is_in_the_table_and_says_why() -> None:
    assert set(attack.mapping()) == set(attack.techniques())
    assert all(because for because, _ in attack.mapping().values())


def test_every_mapped_control_is_one_of_a_check() -> None:
    import policies

    known = {each.control for each in policies.load().policies} | {"attack-path"}

    assert set().union(*(controls for _, controls in attack.mapping().values())) <= known


@pytest.mark.shared
def test_the_techniques_are_named_as_attack_names_them(shared_data: Path) -> None:
    path = shared_data / "threat_intel" / "cloud_attack_patterns.stix.json"
    found = json.loads(path.read_text(encoding="utf-8"))["objects"]
    named = {
        each["external_references"][0]["external_id"]: each["name"]
        for each in found
        if each["type"] == "attack-pattern"
    }
    ours = {uid: each.name for uid, each in attack.techniques().items()}

    assert {uid: named[uid] for uid in ours if uid in named} == {
        uid: name for uid, name in ours.items() if uid in named
    }
    assert set(ours) - set(named) == {"T1133", "T1611"}  # of hosts and containers


def test_the_docs_show_what_is_known() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "threat.md").read_text(encoding="utf-8")

    assert shown == table.markdown(), "run: python -m app.docs --write"


# ── how often it changes ──────────────────────────────────────────────────────


def days_ago(n: float) -> datetime:
    return NOW - timedelta(days=n)


def test_changes_are_counted_in_their_window() -> None:
    of = function()
    times = tuple(map(days_ago, (80, 31, 29, 1)))
    at = scene(of, changes=Changes({of.uid: days_ago(200)}, {of.uid: times}))

    assert (value("changes_30d", at), value("changes_90d", at)) == (2, 4)


def test_what_is_watched_for_a_shorter_time_is_not_known() -> None:
    of = function()
    at = scene(of, changes=Changes({of.uid: days_ago(40)}, {of.uid: (days_ago(10),)}))

    assert value("changes_30d", at) == 1
    assert math.isnan(value("changes_90d", at))


def test_what_no_scan_saw_before_is_not_known() -> None:
    assert math.isnan(value("changes_30d", scene(function(), changes=Changes({}, {}))))


def test_a_change_that_comes_later_is_not_known_yet() -> None:
    of = function()
    at = scene(of, changes=Changes({of.uid: days_ago(200)}, {of.uid: (NOW + timedelta(days=1),)}))

    assert value("changes_30d", at) == 0
