"""The sentences of a frozen text that cite a work, in words. Pure."""

import re
from html import unescape

from articles.rendering import within_passages

_TAG = re.compile(r"<[^<>]+>")
_CITED = r"\[@[^\[\]]*\]"
# A sentence ends with its citations, which may stand behind the full stop.
_END = re.compile(rf"(?<=[.!?])((?:\s?,?{_CITED})*)\s+(?=[A-Z0-9“(\"'])")
_MARK = re.compile(r"\[@([0-9]+)([^\[\]]*)\]")
MOST = 400


def citing(html: str, number: int) -> list[tuple[str, str]]:
    """The id of the passage and the words of each sentence that cites the work of this number; a very long one is cut."""
    mark = re.compile(rf"\[@{number}(?:,[^\[\]]*)?\]")
    return [
        (block, _shown(sentence))
        for block, part in within_passages(html, {})
        for sentence in _split(" ".join(unescape(_TAG.sub(" " if "<td" in part or "<th" in part else "", part)).split()))
        if mark.search(sentence)
    ]


def _split(words: str) -> list[str]:
    """The sentences of a passage, each with its citations; none ends inside a citation, as at “p. 12”."""
    found, start = [], 0
    inside = [(cited.start(), cited.end()) for cited in re.finditer(_CITED, words)]
    for end in _END.finditer(words):
        if not any(first < end.start() < last for first, last in inside):
            found.append(words[start : end.end(1)])
            start = end.end()
    return [*found, words[start:]]


def _shown(sentence: str) -> str:
    """A sentence with its citations as numbers in brackets."""
    words = re.sub(r"\]\s*,?\s*\[", ", ", _MARK.sub(r" [\1\2]", sentence))
    words = re.sub(r"\s+([.,;:])", r"\1", re.sub(r" {2,}", " ", words)).strip()
    return words if len(words) <= MOST else f"{words[:MOST].rstrip()}…"
