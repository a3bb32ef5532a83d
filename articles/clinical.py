"""What changed between two editions of an article, what matters to a clinician first: on structure, never on the text of HTML. Pure.

An edition is a frozen version, or a draft as it would be frozen. Nothing is called the same unless what readers see is the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from html import escape
from typing import NamedTuple

from articles._clinical_blocks import Passage, Same, compare_blocks, frame_of
from articles._clinical_cells import About, Finding, Run, compare_cells
from articles._clinical_minor import text_refusals
from articles._clinical_text import Atom, Block, blocks_of
from articles.citations import Source
from articles.citing_styles import format_vancouver
from articles.comparing import TOKEN

__all__ = [
    "KINDS", "MAY_BE_MINOR", "Comparison", "Detail", "Edition", "Finding", "Group", "Kind", "Passage", "Run", "Same", "Text", "TextChange", "Told", "Work",
    "WorkChange", "compare", "minor_refusals",
]  # fmt: skip


class Kind(NamedTuple):
    """How a kind of change is called, and whether it is to be checked first."""

    label: str
    is_critical: bool = True


KINDS: dict[str, Kind] = {
    "callout": Kind("Warning or call-out"),
    "dose": Kind("Dose"),
    "unit": Kind("Unit"),
    "frequency": Kind("Frequency"),
    "duration": Kind("Duration"),
    "age": Kind("Age"),
    "number": Kind("Number"),
    "limit": Kind("Limit or range"),
    "negation": Kind("Negation"),
    "drug": Kind("Drug"),
    "route": Kind("Route"),
    "who": Kind("Who it is for"),
    "warning": Kind("Words of warning"),
    "direction": Kind("Word that turns the sense"),
    "grade": Kind("Grade of evidence"),
    "strength": Kind("Strength of advice"),
    "amount": Kind("How many or how often"),
    "term": Kind("Name or technical term"),
    "hidden": Kind("Character that cannot be seen"),
    "cell": Kind("Table cell"),
    "citation": Kind("Citation"),
    "link": Kind("Link target"),
    "emphasis": Kind("Emphasis"),
    "removed": Kind("Passage removed", is_critical=False),
    "inserted": Kind("Passage added", is_critical=False),
    "moved": Kind("Passage moved", is_critical=False),
    "wording": Kind("Wording", is_critical=False),
    "layout": Kind("Layout", is_critical=False),
    "spacing": Kind("Spacing", is_critical=False),
}
# Of what is to be checked first, the kinds that a minor change may be of, as far as `minor_refusals` lets it.
MAY_BE_MINOR = frozenset({"term", "link"})


# ---- What is compared


@dataclass(frozen=True)
class Text:
    """One audience's text: its source, its finished HTML, and the key that each of its numbers stands for."""

    source: str
    html: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """A work as an edition cites it. `identity` tells works apart, whatever key they have."""

    identity: str
    source: Source
    retracted_reason: str = ""


@dataclass(frozen=True)
class Edition:
    """Texts by audience, cited works by key, and the details about the article by name; `language` is that of the texts."""

    texts: Mapping[str, Text]
    works: Mapping[str, Work]
    details: Mapping[str, str]
    language: str = "en"


# ---- What is told


@dataclass(frozen=True)
class TextChange:
    """One audience's text in both editions: same, changed, added, removed, or rewritten (other Markdown, nothing else to see)."""

    audience: str
    state: str
    steps: tuple[Passage | Same, ...] = ()

    @property
    def passages(self) -> list[Passage]:
        """The passages that changed."""
        return [step for step in self.steps if isinstance(step, Passage)]

    @property
    def unchanged(self) -> int:
        """How many passages did not change."""
        return sum(len(step.texts) for step in self.steps if isinstance(step, Same))


@dataclass(frozen=True)
class WorkChange:
    """A reference that was added, removed, changed (the same work, told otherwise), replaced (another work under its key) or renamed."""

    kind: str
    key: str
    before: str = ""
    after: str = ""
    note: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Detail:
    """Something about the article, such as its title, that changed."""

    name: str
    runs: tuple[Run, ...]
    findings: tuple[Finding, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Told:
    """A finding with the place where it is shown."""

    finding: Finding
    anchor: str
    audience: str = ""
    under: str = ""


@dataclass(frozen=True)
class Group:
    """All findings of one kind."""

    kind: str
    told: tuple[Told, ...]

    @property
    def label(self) -> str:
        """How the kind is called."""
        return KINDS[self.kind].label


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two editions, in the order of reading."""

    texts: tuple[TextChange, ...]
    works: tuple[WorkChange, ...]
    details: tuple[Detail, ...]
    stale: tuple[tuple[str, str], ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, neither what readers see nor how it is written."""
        return not self.works and not self.details and all(text.state == "same" for text in self.texts)

    @property
    def is_same_to_see(self) -> bool:
        """Whether nothing differs that a reader sees."""
        return not self.works and not self.details and all(text.state in {"same", "rewritten"} for text in self.texts)

    @property
    def told(self) -> list[Told]:
        """Every finding with its place: texts first, then details."""
        found = [
            Told(finding, passage.anchor, text.audience, passage.under)
            for text in self.texts for passage in text.passages for finding in passage.findings
        ]  # fmt: skip
        return found + [Told(finding, detail.anchor, under=detail.name) for detail in self.details for finding in detail.findings]

    def _groups(self, *, is_critical: bool) -> list[Group]:
        found: dict[str, list[Told]] = {}
        for told in self.told:
            found.setdefault(told.finding.kind, []).append(told)
        return [Group(kind, tuple(found[kind])) for kind, about in KINDS.items() if kind in found and about.is_critical == is_critical]

    @property
    def critical(self) -> list[Group]:
        """What is to be checked first, by kind."""
        return self._groups(is_critical=True)

    @property
    def others(self) -> list[Group]:
        """What else changed, by kind."""
        return self._groups(is_critical=False)

    @property
    def to_check(self) -> int:
        """How many changes are to be checked first, references among them."""
        return sum(len(group.told) for group in self.critical) + len(self.works)

    @property
    def changed(self) -> int:
        """How many passages, details and references changed."""
        return sum(len(text.passages) for text in self.texts) + len(self.details) + len(self.works)

    @property
    def behind(self) -> str:
        """The audience whose text stayed as it was while the other changed; empty when there is none."""
        moved = {text.audience for text in self.texts if text.state not in {"same", "rewritten"}}
        stayed = {text.audience for text in self.texts} - moved
        return next(iter(stayed)) if moved and len(stayed) == 1 else ""


# ---- Comparing


def compare(before: Edition, after: Edition) -> Comparison:
    """What changed from one edition to another; it takes time in proportion to their length."""
    audiences = [*after.texts, *(audience for audience in before.texts if audience not in after.texts)]
    titles = {work.identity: work.source.title for edition in (before, after) for work in edition.works.values()}
    about = About(titles, has_thousands=all(edition.language.startswith("en") for edition in (before, after)))
    read = {(n, audience): _blocks(edition, audience) for n, edition in enumerate((before, after)) for audience in audiences}
    texts = tuple(_text(name, before.texts.get(name), after.texts.get(name), read[0, name], read[1, name], about) for name in audiences)
    return Comparison(texts, tuple(_works(before.works, after.works)), tuple(_details(before.details, after.details, about)), tuple(_stale(texts, read)))


def minor_refusals(before: Edition, after: Edition) -> list[str]:
    """Why a change is not on the short list of minor ones, in sentences; none when it is (APP-3).

    On the list: the spelling of an ordinary word, punctuation, white space, the address of a link to the same work, formatting
    that carries no meaning. Whatever is in doubt is not on it.
    """
    compared = compare(before, after)
    found = [f"{detail.name} changed." for detail in compared.details]
    found += [_refused(change) for change in compared.works if not _is_new_address(before.works.get(change.key), after.works.get(change.key))]
    for text in compared.texts:
        name = AUDIENCES.get(text.audience, text.audience)
        if text.state in {"added", "removed"}:
            found.append(f"The {name} was {text.state}.")
            continue
        for passage in text.passages:
            found += [_sentence(finding) for finding in passage.findings if KINDS[finding.kind].is_critical and finding.kind not in MAY_BE_MINOR]
        found += text_refusals(_blocks(before, text.audience), _blocks(after, text.audience))
        found += [f"In the {name} it changed {passage.findings[0].note}." for passage in text.passages if not passage.cells]
    return list(dict.fromkeys(found))


AUDIENCES = {"professional": "text for professionals", "plain": "plain-language text"}


def _refused(change: WorkChange) -> str:
    return f"Reference @{change.key} was {change.kind}{f' ({change.note})' if change.note else ''}."


def _is_new_address(was: Work | None, now: Work | None) -> bool:
    """Whether nothing but the address of one work changed, and its DOI or PMID still says which work it is."""
    if was is None or now is None or was.identity != now.identity or not (now.source.doi or now.source.pmid):
        return False
    return replace(was, source=replace(was.source, url=now.source.url, accessed_on=now.source.accessed_on)) == now


def _sentence(finding: Finding) -> str:
    """A finding as a reason."""
    change = f"“{finding.before}” became “{finding.after}”" if finding.before and finding.after else ""
    change = change or (f"“{finding.before}” was taken away" if finding.before else f"“{finding.after}” was put in" if finding.after else "")
    return f"{KINDS[finding.kind].label}: {' '.join(filter(None, (change, f'({finding.note})' if finding.note else '')))}."


def _blocks(edition: Edition, audience: str) -> list[Block]:
    text = edition.texts.get(audience)
    if text is None:
        return []
    works = edition.works
    return blocks_of(text.html, [(key, works[key].identity if key in works else f"key {key}") for key in text.keys])


def _text(name: str, was: Text | None, now: Text | None, old: list[Block], new: list[Block], about: About) -> TextChange:
    steps = compare_blocks(old, new, about)
    if was is None or now is None:
        return TextChange(name, "added" if now else "removed", tuple(_anchored(steps, name)))
    if not any(isinstance(step, Passage) for step in steps):
        if _visible(was.html) == _visible(now.html):
            return TextChange(name, "same" if was == now else "rewritten", tuple(steps))
        note = "where lists, quotations or tables begin and end, or how references are numbered"
        steps.append(Passage("changed", (), (Finding("layout", note=note),)))
    elif all(step.kind == "changed" for step in steps if isinstance(step, Passage)) and frame_of(was.html) != frame_of(now.html):
        steps.append(Passage("changed", (), (Finding("layout", note="where lists, quotations or tables begin and end"),)))
    return TextChange(name, "changed", tuple(_anchored(steps, name)))


_SPACE = re.compile(r"[ \t\n]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _visible(html: str) -> str:
    """Finished HTML with the white space that browsers fold; that of code was compared already, word by word."""
    return _SPACE.sub(" ", html)


def _anchored(steps: list[Passage | Same], name: str) -> Iterator[Passage | Same]:
    for n, step in enumerate(steps, 1):
        yield replace(step, anchor=f"change-{name}-{n}") if isinstance(step, Passage) else step


NAMES = {"source": "journal or site", "url": "address", "accessed_on": "day it was read", "issuing_body": "issuing body", "doi": "DOI", "pmid": "PMID"}


def _works(before: Mapping[str, Work], after: Mapping[str, Work]) -> Iterator[WorkChange]:
    """References that are not what they were, those of the new edition first."""
    known = {work.identity: key for key, work in before.items()}
    still = {work.identity for work in after.values()}
    changes = [_work(key, before.get(key), work, known.get(work.identity, "")) for key, work in after.items()]
    changes += [WorkChange("removed", key, _said(work)) for key, work in before.items() if key not in after and work.identity not in still]
    for n, change in enumerate((change for change in changes if change is not None), 1):
        yield replace(change, anchor=f"change-reference-{n}")


def _work(key: str, was: Work | None, now: Work, earlier: str) -> WorkChange | None:
    """What became of the work under a key; `earlier` is the key that it had before."""
    if was is None:
        return WorkChange("renamed", key, "", _said(now), f"it was @{earlier}") if earlier else WorkChange("added", key, "", _said(now))
    if was.identity != now.identity:
        return WorkChange("replaced", key, _said(was), _said(now))
    if was == now:
        return None
    names = [each.name for each in fields(Source) if getattr(was.source, each.name) != getattr(now.source, each.name)]
    told = [NAMES.get(name, name) for name in names] + ["cited as retracted"] * (was.retracted_reason != now.retracted_reason)
    return WorkChange("changed", key, _said(was), _said(now), ", ".join(told))


def _said(work: Work) -> str:
    reason = f" (cited as retracted: {work.retracted_reason})" if work.retracted_reason else ""
    return format_vancouver(work.source) + reason


def _details(before: Mapping[str, str], after: Mapping[str, str], about: About) -> Iterator[Detail]:
    names = [name for name in (*after, *(name for name in before if name not in after)) if before.get(name, "") != after.get(name, "")]
    for n, name in enumerate(names, 1):
        was, now = (details.get(name, "") for details in (before, after))
        runs, found = _whole(was, now) if _DAY.fullmatch(was or now) else compare_cells(_atoms(was), _atoms(now), about)
        yield Detail(name, tuple(runs), tuple(found or [Finding("spacing")]), f"change-detail-{n}")


def _whole(was: str, now: str) -> tuple[list[Run], list[Finding]]:
    runs = [Run("removed", was, is_critical=True), Run("same", " "), Run("inserted", now, is_critical=True)]
    return [run for run in runs if run.text.strip() or (was and now)], [Finding("number", was, now)]


def _atoms(words: str) -> tuple[Atom, ...]:
    """The atoms of words that are no text with marks."""
    blocks = blocks_of(f"<p>{escape(words)}</p>", ())
    return blocks[0].cells[0] if blocks else ()


AMOUNTS = frozenset({"dose", "unit", "frequency", "duration", "age"})
MOST = 10


def _stale(texts: tuple[TextChange, ...], read: Mapping[tuple[int, str], list[Block]]) -> Iterator[tuple[str, str]]:
    """Amounts that one text has no more and another still has: (the other audience, the words); at most ten."""
    told = 0
    for text in texts:
        for other in (each.audience for each in texts if each.audience != text.audience):
            gone = {_tokens(finding.before) for passage in text.passages for finding in passage.findings if finding.kind in AMOUNTS and finding.before}
            if gone:
                own, there = (_words(read[1, audience]) for audience in (text.audience, other))
                for words in sorted(words for words in gone if f" {words} " in there and f" {words} " not in own)[: MOST - told]:
                    told += 1
                    yield other, words


def _words(blocks: list[Block]) -> str:
    """All words of a text with single spaces, and spaces in place of what is none."""
    return f" {' '.join(_tokens(block.text) for block in blocks)} "


def _tokens(words: str) -> str:
    return " ".join(word for word in TOKEN.findall(words) if not word.isspace())
