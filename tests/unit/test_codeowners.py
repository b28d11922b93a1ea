"""CODEOWNERS as GitHub and as GitLab read it."""

import pytest

from core.errors import NotFound
from remediation.codeowners import SIZE_MAX, Dialect, owners

PATH = "stacks/orders/template.yaml"


def named(
    text: str,
    path: str = PATH,
    *,
    dialect: Dialect = Dialect.GITHUB,
    place: str = "CODEOWNERS",
) -> tuple[str, ...]:
    def read(asked: str) -> bytes:
        if asked != place:
            raise NotFound(asked)
        return text.encode()

    return owners(read, [path], dialect=dialect)


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_github_looks_in_three_places(place: str) -> None:
    assert named("* @dana", place=place) == ("@dana",)


@pytest.mark.parametrize("place", ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"])
def test_gitlab_looks_in_three_places(place: str) -> None:
    assert named("* @dana", dialect=Dialect.GITLAB, place=place) == ("@dana",)


def test_the_first_file_counts_also_where_it_names_nobody() -> None:
    files = {".github/CODEOWNERS": b"/other/ @eve\n", "CODEOWNERS": b"* @dana\n"}
    assert owners(lambda path: files[path], [PATH], dialect=Dialect.GITHUB) == ()


def test_without_a_file_nobody_owns_anything() -> None:
    assert named("* @dana", place="elsewhere") == ()


@pytest.mark.parametrize("dialect", Dialect)
def test_the_last_line_that_matches_wins(dialect: Dialect) -> None:
    text = "* @all\n/stacks/ @acme/platform @dana dana@acme.test\n*.md @docs\n"
    assert named(text, dialect=dialect) == ("@acme/platform", "@dana", "dana@acme.test")


def test_a_last_line_without_owners_takes_them_away() -> None:
    assert named("* @all\n/stacks/orders/\n") == ()


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", PATH, True),
        ("*.yaml", PATH, True),
        ("*.yaml", "template.yml", False),
        ("/*.yaml", PATH, False),
        ("/*.yaml", "template.yaml", True),
        ("stacks/*", PATH, False),
        ("stacks/*", "stacks/a.yaml", True),
        ("stacks/", PATH, True),
        ("orders/", PATH, True),
        ("/orders/", PATH, False),
        ("orders", PATH, True),
        ("stacks/orders", PATH, True),
        ("orders/template.yaml", PATH, False),
        ("**/orders", PATH, True),
        ("/stacks/**/template.yaml", PATH, True),
        ("/stacks/**/template.yaml", "stacks/template.yaml", True),
        ("/stacks/**", PATH, True),
        ("/stacks/**", "stacks", False),
        ("/stacks/o?ders/", PATH, True),
        ("/Stacks/", PATH, False),
        ("!/stacks/", PATH, False),
        ("/st[a]cks/", PATH, False),
    ],
)
def test_github_matches_as_gitignore_does(pattern: str, path: str, matches: bool) -> None:
    assert named(f"{pattern} @dana", path) == (("@dana",) if matches else ())


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", PATH, True),
        ("template.yaml", PATH, True),
        ("orders/template.yaml", PATH, True),
        ("/orders/template.yaml", PATH, False),
        ("orders/", PATH, True),
        ("orders", PATH, False),
        ("/stacks/*", PATH, False),
        ("/stacks/**/*.yaml", PATH, True),
        ("/st[a]cks/", PATH, True),
        ("a\\ b/", "a b/template.yaml", True),
    ],
)
def test_gitlab_matches_as_fnmatch_does(pattern: str, path: str, matches: bool) -> None:
    said = named(f"{pattern} @dana", path, dialect=Dialect.GITLAB)
    assert said == (("@dana",) if matches else ())


def test_gitlab_reads_each_section_by_itself() -> None:
    text = """
    * @all
    [Stacks][2] @acme/stacks
    /stacks/
    *.yaml @yaml
    ^[Security] @sec
    *.yaml
    !/stacks/orders/
    [stacks]
    /stacks/orders/ @orders
    [Docs] @docs
    /docs/
    """
    assert named(text, dialect=Dialect.GITLAB) == ("@all", "@orders")
    assert named(text, "stacks/a.tf", dialect=Dialect.GITLAB) == ("@all", "@acme/stacks")
    assert named(text, "x.yaml", dialect=Dialect.GITLAB) == ("@all", "@yaml", "@sec")


def test_github_knows_no_sections() -> None:
    assert named("[Stacks] @stacks\n/stacks/ @dana\n") == ("@dana",)


def test_what_is_no_owner_and_what_is_a_comment_is_left_out() -> None:
    assert named("# note\n/stacks/ @dana dana; --help @eve # @mallory\n") == ("@dana", "@eve")


def test_a_pattern_made_to_be_slow_is_not() -> None:
    assert named("**/" * 200 + "*a" * 200 + "b @dana", "a/" * 100 + "a" * 250) == ()


def test_a_file_too_large_for_github_is_ignored() -> None:
    assert named("* @dana\n" + "#" * SIZE_MAX) == ()
