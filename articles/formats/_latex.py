"""LaTeX as bibliographies have it, read as plain text: accents, commands, mathematics and braces."""

import logging
import re

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from articles.formats.items import one_line

MAX_LENGTH = 20_000
MAX_DEPTH = 30
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)


def _reader() -> LatexNodes2Text:
    """A reader that lets commands it does not know stand as they are: a unit or a sign must not vanish from a title unseen."""
    known = get_default_latex_context_db()
    known.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=lambda node: f"\\{node.macroname} "))
    return LatexNodes2Text(known, math_mode="text", keep_comments=True)


_READER = _reader()
_MARKED = re.compile(r"[\\{}$~%]|--|``|''")
_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)%")
_RAISED = re.compile(r"(?:\$\s*(\^|_)\s*\{?([0-9+-]{1,6})\}?\s*\$|\\text(super|sub)script\{([0-9+-]{1,6})\})")
_UP, _DOWN = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"), str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_POWER = re.compile(r"\^(-?[0-9]{1,6})")
_SIGNS = re.compile(r"\\text(greater|less|braceleft|braceright)(?![A-Za-z])(?:\{\})?")
_MEANT = {"greater": ">", "less": "<", "braceleft": r"\{", "braceright": r"\}"}
_DRESS = re.compile(
    r"\\(?:[mhf]box|uppercase|lowercase|MakeUppercase|MakeLowercase|NoCaseChange|enquote|sout|cancel|protect|num|ul|hl|url|path|nocite)(?![A-Za-z])"
    r"|\\(?:rm|bf|it|em|sf|tt|sc|sl|normalfont|left|right|bigl|bigr|displaystyle|bfseries|itshape|scshape|small|footnotesize)(?![A-Za-z])\s?"
    r"|\\(?:href|foreignlanguage|textcolor)\s*\{[^{}]{0,300}\}"
)
_UNIT = re.compile(r"\\SI\s*\{([^{}]{0,100})\}\s*\{([^{}]{0,100})\}")
_VERB = re.compile(r"\\verb([|!+])([^|!+]{0,200})\1")
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
    text = _SIGNS.sub(lambda found: _MEANT[found[1]], text)
    text = _VERB.sub(r"\2", _UNIT.sub(r"\1 \2", _DRESS.sub("", text))).replace("\\overline", "\\bar")
    try:
        words = one_line(_READER.latex_to_text(text).replace("ˆ", "^"))
        return _POWER.sub(lambda found: found[1].translate(_UP), words.replace("^∘", "°")) if "$" in text else words
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
