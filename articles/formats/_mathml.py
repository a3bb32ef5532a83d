"""Formulas as words in line: what MathML or TeX draws, said with signs that text has. Pure."""

import re

from articles.formats._xml import Element
from articles.formats.items import one_line

_TEX = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)


def in_line(formula: Element) -> str:
    """The formula in one line; empty when it is only a picture."""
    drawn = next(formula.within("math"), None)
    if drawn is not None or formula.name == "math":
        return one_line(_said(drawn if drawn is not None else formula))
    tex = next(formula.within("tex-math"), None)
    if tex is None:
        return one_line("".join(part if isinstance(part, str) else "" if part.name in {"label", "graphic"} else part.words for part in formula.content))
    found = _TEX.search(tex.words)
    return one_line((found[1] if found else tex.words).replace("$", ""))


def _said(element: Element) -> str:
    parts = [_said(child) for child in element.children]
    if not parts:
        return element.words.strip() if element.name not in {"mspace", "annotation", "none", "mprescripts"} else " "
    match element.name, parts:
        case "msup" | "mover", [base, above, *_]:
            return f"{base}^{_one(above)}"
        case "msub" | "munder", [base, below, *_]:
            return f"{base}_{_one(below)}"
        case "msubsup" | "munderover", [base, below, above, *_]:
            return f"{base}_{_one(below)}^{_one(above)}"
        case "mfrac", [over, under, *_]:
            return f"{_one(over)}/{_one(under)}"
        case "msqrt", _:
            return f"√({''.join(parts)})"
        case "mroot", [base, degree, *_]:
            return f"({base})^(1/{degree})"
        case "mfenced", _:
            return (element.get("open") or "(") + ", ".join(parts) + (element.get("close") or ")")
        case "mtable", _:
            return "; ".join(parts)
        case "mtr" | "mlabeledtr", _:
            return ", ".join(parts)
        case "semantics", _:
            return parts[0]
        case "mrow" | "math" | "mstyle", _:
            return _spaced(element, parts)
    return "".join(parts)


def _one(part: str) -> str:
    """A part as one thing, in brackets when it has several."""
    return part if re.fullmatch(r"\w*", part.strip()) else f"({part.strip()})"


def _spaced(element: Element, parts: list[str]) -> str:
    """Parts with space around the signs that compare or reckon."""
    signs = [child.name == "mo" and child.words.strip() in {"=", "+", "-", "−", "±", "×", "<", ">", "≤", "≥", "≈"} for child in element.children]
    return "".join(f" {part} " if is_sign else part for part, is_sign in zip(parts, signs, strict=True))
