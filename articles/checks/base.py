"""What a check is, what it finds, and what it reads: the registry that every check is entered in once, with its rule and severity."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from articles import rendering
from articles.checks.passages import Passage, passages
from articles.evidence import Lists
from articles.models import Article, Audience, CheckSeverity, Citation, Reference
from articles.readability import is_english
from records import clock

MUST_FIX, LOOK_AT, OFF = CheckSeverity.Level.MUST_FIX.value, CheckSeverity.Level.LOOK_AT.value, CheckSeverity.Level.OFF.value


@dataclass(frozen=True)
class Waiver:
    """An editor's word that one finding need not be repaired: whose, when and why."""

    by: int
    name: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Hit:
    """What one check found at one place: a sentence, how to repair it, and where it is.

    The place is the `key` of a citation, or the `words` of a passage in the text of an `audience`; without either it is the article.
    """

    sentence: str
    hint: str = ""
    audience: str = ""
    line: int = 0
    key: str = ""
    words: str = ""


@dataclass(frozen=True)
class Finding:
    """One finding: which check, how severe for this type of article, what is wrong and where, and who let it stand, if anybody did."""

    check: str
    severity: str
    sentence: str
    hint: str = ""
    audience: str = ""
    line: int = 0
    key: str = ""
    words: str = ""
    work: str = ""
    waiver: Waiver | None = None

    @property
    def blocks(self) -> bool:
        """Whether it refuses submission: it must be fixed, and no editor waived it."""
        return self.severity == MUST_FIX and self.waiver is None

    @property
    def can_be_waived(self) -> bool:
        """Whether an editor can still let it stand."""
        return self.waiver is None and CHECKS[self.check].can_be_waived

    @property
    def place(self) -> str:
        """What makes two findings of a check on a draft the same: `place_in_version`, and the work behind a key, which may be another one later."""
        return f"{self.key}:{self.work}" if self.key and self.work else self.place_in_version

    @property
    def place_in_version(self) -> str:
        """What makes two findings of a check on a version the same: the key, or the audience and a hash of the words; empty for the whole article."""
        if self.key:
            return self.key
        if not self.words:
            return self.audience
        return f"{self.audience}:{hashlib.sha256(' '.join(self.words.split()).encode()).hexdigest()[:20]}"


@dataclass(frozen=True)
class Standing:
    """What is on record about the checks of one article: severities of its type that are not the usual ones, and waivers."""

    severities: Mapping[str, str] = field(default_factory=dict)
    waivers: Mapping[tuple[str, str], Waiver] = field(default_factory=dict)


@dataclass
class Draft:
    """Everything the checks read, fetched once: the article, its rendered texts, its citations with their status."""

    article: Article
    rendered: dict[str, rendering.Rendered] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    citations: dict[str, Citation] = field(default_factory=dict)
    references: dict[int, Reference] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    lists: Lists = field(default_factory=Lists)
    standing: Standing | None = None
    today: date = field(default_factory=clock.today)

    @property
    def cited_keys(self) -> list[str]:
        """The keys that some text cites, in order of first use, professional text first."""
        return list(dict.fromkeys(key for text in self.rendered.values() for key in text.keys))

    def reference_of(self, key: str) -> Reference:
        """The reference behind a key, with its status: the row that stands for the work now, where rows were merged."""
        return self.references[self.citations[key].reference_id]

    @property
    def works(self) -> Iterator[tuple[str, Any]]:
        """Each cited key that has a reference, with that, in order of first use."""
        return ((key, self.reference_of(key)) for key in self.cited_keys if key in self.citations)

    @property
    def is_english(self) -> bool:
        """Whether rules about English words hold."""
        return is_english(self.article.language)

    @cached_property
    def passages(self) -> dict[str, list[Passage]]:
        """The passages of each text, each with where it stands and whether it, or what it belongs to, is cited."""
        return {audience: passages(text) for audience, text in self.rendered.items()}

    @property
    def english(self) -> Iterator[tuple[str, list[Passage]]]:
        """The passages of each text, where they are English."""
        return iter(self.passages.items() if self.is_english else ())


Find = Callable[[Draft], Iterator[Hit]]


@dataclass(frozen=True)
class Check:
    """One check: its id, the rule it stands for, how severe its findings are (by type of article where that differs), and how it finds."""

    id: str
    rule: str
    level: str
    levels: Mapping[str, str]
    find: Find
    can_be_waived: bool = True

    @property
    def title(self) -> str:
        """The rule in words."""
        return (self.find.__doc__ or "").strip().split("\n")[0]

    def level_for(self, type_key: str) -> str:
        """How severe it is for a type of article, unless the site has decided otherwise."""
        return self.levels.get(type_key, self.level)


CHECKS: dict[str, Check] = {}
# It is accepted on a version, where a key leads to one work for good.
CITED_AS_RETRACTED = "evidence.cited_as_retracted"


def check(id: str, *, level: str = LOOK_AT, rule: str = "", can_be_waived: bool = True, **levels: str) -> Callable[[Find], Find]:
    """Enter a check; `levels` are the types of article, by key, for which it is more or less severe. ValueError for an id that is taken."""

    def enter(find: Find) -> Find:
        if id in CHECKS:
            raise ValueError(f"There are two checks {id}.")
        CHECKS[id] = Check(id, rule, level, levels, find, can_be_waived)
        return find

    return enter


def run(draft: Draft, standing: Standing) -> list[Finding]:
    """What all checks find, with its severity and waiver, what blocks first."""
    type_key = draft.article.article_type.key
    found: list[Finding] = []
    for each in CHECKS.values():
        level = standing.severities.get(each.id, each.level_for(type_key)) if each.can_be_waived else each.level
        if level != OFF:
            found += (_finding(each.id, level, hit, standing, _work(draft, hit)) for hit in each.find(draft))
    return sorted(found, key=lambda finding: not finding.blocks)


def _work(draft: Draft, hit: Hit) -> str:
    """The work that a key leads to now, which may be another one later; nothing where it leads to none."""
    return str(draft.reference_of(hit.key).pk) if hit.key in draft.citations else ""


def _finding(id: str, level: str, hit: Hit, standing: Standing, work: str) -> Finding:
    finding = Finding(id, level, hit.sentence, hit.hint, hit.audience, hit.line, hit.key, hit.words, "" if id == CITED_AS_RETRACTED else work)
    waiver = standing.waivers.get((id, finding.place))
    return finding if waiver is None else Finding(**{**vars(finding), "waiver": waiver})


def name_of(audience: str) -> str:
    """A text as sentences call it."""
    return "text for professionals" if audience == Audience.PROFESSIONAL else "plain-language text"
