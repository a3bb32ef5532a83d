"""How a public page is cited by other programs: the facts of "Cite this page", as a work of our own registry would have them."""

from dataclasses import dataclass

from django.conf import settings

from articles.citations import Source
from articles.formats.items import one_line
from editorial.models import Address, Publication
from editorial.pages import matters, people
from editorial.pages.article import Spec, is_as_signed
from editorial.pages.facts import Facts, State, gather, publications_of, shown_of
from records import clock


@dataclass(frozen=True)
class Cited:
    """One version of one text as a work, and the key that a list of references may give it."""

    key: str
    source: Source


def cited(slug: str, number: int, audience: str) -> Cited | None:
    """A version that the public may cite, for one audience; None for what is not public, and while the article is withheld.

    A retracted article can be cited, and its title says that it was retracted. Eight queries at most.
    """
    article = Address.objects.filter(slug=slug, is_current=True).values_list("article", flat=True).first()
    publications = publications_of(article) if article else ()
    shown = shown_of(publications)
    publication = next((one for one in publications if one.submission.version.number == number), None)
    if shown is None or publication is None or shown.state == State.WITHHELD:
        return None
    facts = gather(publications, [publication], clock.today())
    if audience not in facts.texts.get(publication.submission.version_id, {}) or not is_as_signed(facts, publication):
        return None
    return Cited(f"{slug}-v{number}{'-plain' if audience == 'plain' else ''}", _source(facts, publication, audience))


def _source(facts: Facts, publication: Publication, audience: str) -> Source:
    """What the line "Cite this page" says, field by field; the date is the day on which the version became public."""
    version = publication.submission.version
    day = publication.last_updated_on or publication.approved_on
    prefix = "RETRACTED: " if facts.shown.state == State.RETRACTED else ""
    return Source(
        kind="web_page",
        form="web_page",
        title=f"{prefix}{one_line(version.title)}",
        authors="; ".join(name.plain.replace(";", ",") for name in people.authors(facts, publication)),
        source=settings.SITE_NAME,
        year=day.year,
        online_on=day,
        edition=f"Version {version.number}, {matters.approval_words(publication)}",
        url=f"{settings.SITE_URL}{Spec(publication, audience, True).path(facts.slug)}",
    )
