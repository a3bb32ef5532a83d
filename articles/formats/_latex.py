"""LaTeX as bibliographies have it, read as plain text: accents, commands, mathematics and braces."""

import logging
import re

from pylatexenc.latex2text import LatexNodes2Text

from articles.formats.items import one_line

MAX_LENGTH = 20_000
MAX_DEPTH = 30
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
_READER = LatexNodes2Text(math_mode="text", keep_comments=True)
_MARKED = re.compile(r"[\\{}$~%]|--|``|''")
_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)%")
_RAISED = re.compile(r"(?:\$\s*(\^|_)\s*\{?([0-9+-]{1,6})\}?\s*\$|\\text(super|sub)script\{([0-9+-]{1,6})\})")
_UP, _DOWN = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"), str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_SPACES = re.compile(r"\\(?:q?quad\b|[;:,! ])\s?")
_URL = re.compile(r"\\(?:url|href|path)\s*\{([^{}]*)\}")
_ESCAPED = re.compile(r"\\([_&%#~{}^$])")


def plain(text: str) -> str:
    """The words that LaTeX would print, on one line; what is nested beyond reason, or too long, only loses its braces."""
    if not _MARKED.search(text):
        return one_line(text)
    if len(text) > MAX_LENGTH or _depth(text) > MAX_DEPTH:
        return one_line(text.replace("{", "").replace("}", ""))
    text = _SPACES.sub(" ", _RAISED.sub(_shifted, _PERCENT.sub(r"\1\\%", text)))
    try:
        return one_line(_READER.latex_to_text(text))
    except Exception:  # a library that reads a language this large has faults of its own; the words are kept
        return one_line(text.replace("{", "").replace("}", ""))


def _shifted(found: re.Match[str]) -> str:
    is_up = found[1] == "^" or found[3] == "super"
    return (found[2] or found[4]).translate(_UP if is_up else _DOWN)


def _depth(text: str) -> int:
    """How deep braces, and commands that take the next thing, are nested."""
    depth = most = run = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        run = run + 1 if sign == "\\" else 0 if sign in "{} \n" else run
        most = max(most, depth, run)
    return most


def verbatim(text: str) -> str:
    """An address or number as it is meant: without the command around it, its braces and escapes."""
    inside = _URL.search(text)
    return one_line(_ESCAPED.sub(r"\1", inside[1] if inside else text).replace("{", "").replace("}", ""))
