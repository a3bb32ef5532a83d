"""Which page a reader came from: an article and the version that they had before them, of what was ever public alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.validators import slug_re
from django.urls import reverse

from editorial.models import Publication


@dataclass(frozen=True)
class Origin:
    """A version that readers could read: what the address of a form says of it, and how it is named."""

    slug: str
    number: int
    publication: Publication

    @property
    def title(self) -> str:
        """The title that the version had."""
        return self.publication.submission.version.title

    @property
    def url(self) -> str:
        """Its permanent address."""
        return reverse("public:version", args=[self.slug, self.number])


def of(given: Mapping[str, str]) -> Origin | None:
    """The version that `article` and `v` of a form or an address name, the live one without `v`; None for whatever was never public. One query."""
    slug, number = given.get("article", ""), given.get("v", "")
    if not slug_re.match(slug) or (number and not (number.isascii() and number.isdecimal() and len(number) < 7)):
        return None
    found = Publication.objects.ever_public().filter(article__addresses__slug=slug).select_related("submission__version")
    found = found.filter(submission__version__number=int(number)) if number else found.exclude(state=Publication.State.SUPERSEDED)
    publication = found.first()
    return Origin(slug, publication.submission.version.number, publication) if publication is not None else None
