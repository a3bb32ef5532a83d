"""The demo's sample texts and the works they cite, read from the files beside this one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import yaml

from articles import citations
from articles.drafting import Changes, CitationChange
from articles.models import Audience, Reference
from editorial.demo.people import HERE, Cast, read
from records import clock
from records.history import bulk_save_as
from records.models import User

BETWEEN = "\n=== plain\n"
SEARCHED = timedelta(days=10)  # before a sample is written


@dataclass(frozen=True)
class Sheet:
    """One sample article as its file has it."""

    name: str
    title: str
    kind: str
    topics: tuple[str, ...]
    summary: str
    texts: Mapping[str, str]
    retracted: Mapping[str, str] = field(default_factory=dict)
    first: tuple[tuple[str, str], ...] = ()

    def at_first(self) -> "Sheet":
        """The article as its first version read: each passage that changed since, put back. ValueError when one is not there."""
        summary, texts = self.summary, dict(self.texts)
        for now, then in self.first:
            if not any(now in text for text in (summary, *texts.values())):
                raise ValueError(f"{self.name}: there is no passage {now!r}.")
            summary = summary.replace(now, then)
            texts = {audience: text.replace(now, then) for audience, text in texts.items()}
        return replace(self, summary=summary, texts=texts)

    @property
    def keys(self) -> list[str]:
        """The keys that the texts cite, in order of first use."""
        found = [citations.parse_citation(place) or () for text in self.texts.values() for place in citations.CITATION.findall(text)]
        return list(dict.fromkeys(cited.key for place in found for cited in place))


def names() -> list[str]:
    """The names of all sample articles."""
    return sorted(path.stem for path in (HERE / "articles").glob("*.md"))


def sheet(name: str) -> Sheet:
    """Read one sample article: YAML between two lines of hyphens, the text for professionals, the plain one."""
    _, head, body = (HERE / "articles" / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)
    meta: dict[str, Any] = yaml.safe_load(head)
    professional, _, plain = body.partition(BETWEEN)
    texts = {Audience.PROFESSIONAL.value: professional.strip(), Audience.PLAIN.value: plain.strip()}
    return Sheet(
        name,
        meta["title"],
        meta["type"],
        tuple(meta["topics"]),
        meta["summary"],
        {audience: text for audience, text in texts.items() if text},
        meta.get("retracted", {}),
        tuple((now, then) for now, then in meta.get("first_version", ())),
    )


def make_references(*, by: User) -> dict[str, Reference]:
    """Enter every cited work into the registry; the key in references.yaml is the key that the texts cite."""
    works = {key: Reference(**values) for key, values in read("references.yaml").items()}
    for work in works.values():
        work.accessed_on = clock.today() if work.url else None
        work.clean()
    made = bulk_save_as(list(works.values()), by=by, reason="For the sample articles")
    return dict(zip(works, made, strict=True))


def changes(found: Sheet, works: Mapping[str, Reference], cast: Cast, interests: Iterable[tuple[User, str]] = ()) -> Changes:
    """What a save of this sheet changes; without `interests` neither they, nor the funding, nor the day of the search are stated yet."""
    stated = {user.person.pk: words for user, words in interests}
    said = {"funding": "None: written for the demo.", "sponsor": "None, and no advertising.", "searched_until": clock.today() - SEARCHED} if stated else {}
    return Changes(
        texts=found.texts,
        fields={"title": found.title, "summary": found.summary, **said},
        topics=[cast.topics[name] for name in found.topics],
        citations=[
            CitationChange(key, works[key], key in found.retracted, found.retracted.get(key, "")) for key in found.keys if key in works
        ],
        interests=stated,
    )


_SPACES = re.compile(r"\s+")


def flat(words: str) -> str:
    """Words with every run of white space, no-break spaces too, as one space: as quotations are compared."""
    return _SPACES.sub(" ", words).strip()
