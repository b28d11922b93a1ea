"""CISA's catalogue: fetched over HTTPS, kept in the home, and told with its day."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import threat
from app.cli.main import main
from app.settings import Settings, ThreatSettings
from app.world import World
from core.errors import ThreatError


def document(day: str, *cves: str) -> str:
    found = [
        {"cveID": cve, "vendorProject": "GNU", "product": "glibc", "dateAdded": day} for cve in cves
    ]
    return json.dumps({"dateReleased": f"{day}T00:00:00Z", "vulnerabilities": found})


def opened(home: Path, kev: Path | None = None) -> World:
    return World(home, Settings(threat=ThreatSettings(kev=kev)))


def run(home: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--home", str(home), *arguments])
    return done.exit_code, done.output


def test_what_is_fetched_is_used_from_then_on(tmp_path: Path) -> None:
    world = opened(tmp_path / "home")
    assert threat.catalogue(world) is None

    fresh, before = threat.fetch(world, threat.URL, download=lambda _: document("2026-11-20"))

    assert (fresh.dated, before) == (date(2026, 11, 20), None)
    assert threat.catalogue(world) == fresh
    assert threat.stale(world, today=date(2026, 11, 25)) == ""
    assert "66 days old" in threat.stale(world, today=date(2027, 1, 25))


@pytest.mark.parametrize("text", ["<html>moved</html>", document("2026-10-01")])
def test_what_is_no_catalogue_or_an_older_one_changes_nothing(tmp_path: Path, text: str) -> None:
    world = opened(tmp_path)
    threat.fetch(world, threat.URL, download=lambda _: document("2026-11-20"))

    with pytest.raises(ThreatError):
        threat.fetch(world, threat.URL, download=lambda _: text)

    known = threat.catalogue(world)
    assert known is not None
    assert known.dated == date(2026, 11, 20)
    assert [each.name for each in tmp_path.iterdir()] == ["kev.json"]


def test_only_https_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ThreatError, match="over HTTPS only"):
        threat.download("http://127.0.0.1:1/kev.json")
    with pytest.raises(ThreatError, match="over HTTPS only"):
        threat.download((tmp_path / "kev.json").as_uri())


def test_what_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    code, said = run(tmp_path, "threat", "fetch", "--url", "https://127.0.0.1:9/kev.json")

    assert code == 2
    assert said.startswith("plumbline: https://127.0.0.1:9/kev.json cannot be reached: ")
    assert said.count("\n") == 1


def test_a_redirect_out_of_https_is_not_followed() -> None:
    from email.message import Message
    from io import BytesIO
    from urllib.request import Request

    follow = threat._HttpsOnly().redirect_request
    asked = Request("https://a.example/kev.json")

    with pytest.raises(ThreatError, match="over HTTPS only"):
        follow(asked, BytesIO(), 302, "Found", Message(), "http://a.example/kev.json")
    followed = follow(asked, BytesIO(), 302, "Found", Message(), "https://b.example/kev.json")
    assert followed is not None
    assert followed.full_url == "https://b.example/kev.json"


def test_the_settings_name_a_file_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(document("2026-11-01", "CVE-2026-1000"), encoding="utf-8")

    known = threat.catalogue(opened(tmp_path, own))

    assert known is not None
    assert [each.cve for each in known.entries] == ["CVE-2026-1000"]


def test_a_file_that_the_settings_name_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ThreatError, match=r"gone\.json cannot be read"):
        threat.catalogue(opened(tmp_path, tmp_path / "gone.json"))


def test_show_tells_what_is_in_use(tmp_path: Path) -> None:
    assert "Known exploited vulnerabilities: none" in run(tmp_path, "threat", "show")[1]
    (tmp_path / "kev.json").write_text(document("2020-01-01", "CVE-2019-1000"), encoding="utf-8")

    code, said = run(tmp_path, "threat", "show")
    told = json.loads(run(tmp_path, "threat", "show", "--format", "json")[1])

    assert code == 0
    assert "Known exploited vulnerabilities: 1, of 2020-01-01" in said
    assert "days old" in said
    assert told["kev"]["dated"] == "2020-01-01"
    assert told["kev"]["stale"] is True
