"""Checks of the texts as such: that they are there, can be shown, lose nothing, and have their headings in order."""

from collections.abc import Iterator

from articles.checks.base import MUST_FIX, Draft, Hit, check, name_of
from articles.models import Audience


@check("text.missing", level=MUST_FIX, can_be_waived=False)
def text_is_there(draft: Draft) -> Iterator[Hit]:
    """At least one audience has a text."""
    if not draft.rendered and not draft.errors:
        yield Hit("There is no text yet.", "Write the text for professionals, the plain-language text, or both.")


@check("text.unreadable", level=MUST_FIX, can_be_waived=False)
def text_can_be_shown(draft: Draft) -> Iterator[Hit]:
    """Each text can be rendered."""
    for audience, sentence in draft.errors.items():
        yield Hit(f"The {name_of(audience)} cannot be rendered: {sentence}", audience=audience)


@check("text.one_audience")
def both_audiences_have_a_text(draft: Draft) -> Iterator[Hit]:
    """There is a text for each audience."""
    if len(draft.rendered) == 1:
        missing = next(key for key in Audience.values if key not in draft.rendered)
        if missing not in draft.errors:
            yield Hit(f"There is no {name_of(missing)}. Both pages will say so.", audience=missing)


@check("text.dropped")
def nothing_was_dropped(draft: Draft) -> Iterator[Hit]:
    """What rendering leaves out (images, raw HTML, unsafe links) is said."""
    for audience, text in draft.rendered.items():
        for sentence in text.dropped:
            yield Hit(f"In the {name_of(audience)}: {sentence}", audience=audience, words=sentence.partition(": ")[2] or sentence)


@check("text.heading_order", rule="WCAG 1.3.1")
def headings_are_in_order(draft: Draft) -> Iterator[Hit]:
    """A heading is at most one level deeper than the one before it, and the first is of the first or second level."""
    for audience, text in draft.rendered.items():
        before = 1
        for heading in text.headings:
            if heading.written > before + 1:
                yield Hit(
                    f"“{heading.text[:60]}” is a heading of level {heading.written} that follows one of level {before}."
                    if heading is not text.headings[0]
                    else f"The first heading, “{heading.text[:60]}”, is of level {heading.written}.",
                    f"Write it with {'#' * (before + 1)}, or put the heading in between.",
                    audience,
                    heading.line,
                    words=heading.text,
                )
            before = heading.written
