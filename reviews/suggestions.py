"""Putting suggested words in place of quoted ones in the source of a draft, or saying that it has to be done by hand. Pure."""

import re
from collections.abc import Collection

from articles.rendering import Rendered, render
from reviews.anchors import Anchor, Fate, Place, Text, carry, tidy


class ByHand(ValueError):
    """The words cannot be put in place without more; its sentence says why."""


class Changed(ByHand):
    """The passage that the words were suggested for is another one now."""


def text_of(rendered: Rendered) -> Text:
    """The passages of a text as it is rendered now."""
    return Text([(block.id, block.text) for block in rendered.blocks])


def put_in_place(source: str, known: Collection[str], about: Anchor, was: Text, replacement: str) -> str:
    """The source of a draft with the replacement where the quoted words of the version stand; nothing else is said otherwise.

    Read as words, never as Markdown: a replacement that would come out as anything but its own words is refused. Changed where
    the passage is another one now, ByHand where its words hold citations or formatting.
    """
    rendered = render(source, known=known)
    now, replacement = text_of(rendered), tidy(replacement)
    place = carry(about, was, now)
    if place.fate != Fate.SAME:
        raise Changed("The passage has changed since this was suggested.")
    lines = source.split("\n")
    begin, end = _lines(rendered, place.block, len(lines))
    made = _replaced("\n".join(lines[begin:end]), now.words[now.index[place.block]][place.begin : place.end], replacement)
    changed = "\n".join([*lines[:begin], made, *lines[end:]])
    if not _reads(render(changed, known=known), rendered, now, place, replacement):
        raise ByHand("The suggested words would not come out as they are written.")
    return changed


def _lines(rendered: Rendered, block: str, last: int) -> tuple[int, int]:
    """The lines of the source in which a passage stands: from its own to that of the next, or to the last."""
    begins = [each.line for each in rendered.blocks]
    number = [each.id for each in rendered.blocks].index(block)
    following = next((line for line in begins[number + 1 :] if line > begins[number]), last + 1)
    return begins[number] - 1, following - 1


def _replaced(source: str, quote: str, replacement: str) -> str:
    pattern = re.compile(r"\s+".join(map(re.escape, quote.split(" "))))
    found = pattern.findall(source)
    if len(found) != 1:
        raise ByHand("These words hold citations or formatting, or stand in the passage more than once.")
    return pattern.sub(lambda _: replacement, source)


def _reads(made: Rendered, before: Rendered, now: Text, place: Place, replacement: str) -> bool:
    """Whether the text reads as it did, but for the suggested words in their place, and cites and links what it did."""
    number = now.index[place.block]
    wanted = list(now.words)
    wanted[number] = tidy(wanted[number][: place.begin] + replacement + wanted[number][place.end :])
    same_apart = _tags(made.html) == _tags(before.html) and made.keys == before.keys
    return text_of(made).words == wanted and same_apart


def _tags(html: str) -> list[str]:
    """The elements of rendered HTML; ids made of the words of headings left out."""
    return [re.sub(r' id="[^"]*"', "", tag) for tag in re.findall(r"<[^>]*>", html)]
