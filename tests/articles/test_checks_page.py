"""docs/reference/checks.md lists every check with what it looks for, its usual severity, its rule, and whether it can be let stand."""

from articles.checks import CHECKS
from articles.models import CheckSeverity
from editorial.standards import STANDARDS
from tests.services import ROOT

PAGE = (ROOT / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
WORDS = {CheckSeverity.Level.MUST_FIX: "must fix", CheckSeverity.Level.LOOK_AT: "look at", CheckSeverity.Level.OFF: "off"}


def rows():
    """One row for each check, as the page begins it; how often it is right stands behind that and is measured by hand."""
    for each in CHECKS.values():
        levels = [WORDS[each.level_for(standard.key)] for standard in STANDARDS]
        yield f"| `{each.id}` | {each.title} | {' | '.join(levels)} | {each.rule or '–'} | {'yes' if each.can_be_waived else 'no'} | "


def test_the_page_of_checks_lists_every_check_as_it_is():
    table = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(table) == len(CHECKS)
    for line, row in zip(table, rows(), strict=True):
        assert line.startswith(row), row
        assert line.removeprefix(row).strip(" |")


def test_the_page_names_the_formulas_and_the_aim():
    for words in ("Flesch-Kincaid", "SMOG", "Dale-Chall", "6 to 8"):
        assert words in PAGE
