"""Drafts made of what importers read, never saved, for running the checks over many texts (bench/checks.py) and in tests."""

from pathlib import Path

from django.utils import timezone

from articles import rendering
from articles.checks import Draft, Standing
from articles.checks.base import run
from articles.evidence import Lists
from articles.formats import jats, medquad
from articles.formats.items import Item
from articles.models import Article, ArticleType, Citation, Reference

READERS = {"medquad": medquad.read, "jats": jats.read}


def draft_of(item):
    """An item of an importer as the checks read a draft; never saved, with people and money declared and lists fresh."""
    draft = Draft(Article(title=item.title, language=item.language, article_type=ArticleType(key=item.kind), funding="None", sponsor="None"))
    draft.article._prefetched_objects_cache = {"authorships": []}
    for number, (key, source) in enumerate(item.references.items(), 1):
        work = Reference(pk=number, **vars(source))
        work.latest_event, work.is_superseded = None, False
        draft.references[number], draft.citations[key] = work, Citation(key=key, reference=work)
    draft.sources, draft.lists = dict(item.texts), Lists(timezone.localdate())
    draft.rendered = {audience: rendering.render(text, known=draft.citations.keys()) for audience, text in item.texts.items()}
    return draft


def findings_of(draft):
    """What the checks find in a draft, people and interests left out."""
    return [each for each in run(draft, Standing()) if not each.check.startswith("people.")]


def items_of(name, path):
    """What a reader takes from a file or folder; what it refuses is left out."""
    return [item for item in READERS[name](Path(path)) if isinstance(item, Item)]
