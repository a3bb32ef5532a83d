"""How states, moments and changes look to whoever is signed in: one icon, one word and one tone for each, in one place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date

from articles.comparing import AMOUNT, Words
from records import clock

register = template.Library()


@dataclass(frozen=True)
class Mark:
    """A state as it is shown: shape, word and tone, never fewer."""

    icon: str
    label: str
    tone: str = "quiet"


MARKS: dict[str, Mark] = {
    "draft": Mark("ring", "Draft"),
    "submitted": Mark("ring-tick", "Submitted"),
    "under_review": Mark("half", "Under Review", "info"),
    "approved": Mark("disc-tick", "Approved", "ok"),
    "changes_requested": Mark("octagon", "Changes requested", "stop"),
    "declined": Mark("slashed", "Declined"),
    "withdrawn": Mark("slashed", "Withdrawn"),
    "overtaken": Mark("slashed", "Overtaken"),
    "scheduled": Mark("clock", "Scheduled", "info"),
    "live": Mark("ring-tick", "Public"),
    "withheld": Mark("slashed", "Withheld", "due"),
    "superseded": Mark("slashed", "Replaced"),
    "retracted": Mark("slashed", "Retracted", "stop"),
    "cancelled": Mark("slashed", "Cancelled"),
    "must_fix": Mark("octagon", "Must fix", "stop"),
    "look_at": Mark("triangle", "Look at", "due"),
    "waived": Mark("info", "Let stand"),
    "suggestion": Mark("info", "Suggestion"),
    "question": Mark("info", "Question", "info"),
    "answered": Mark("ring-tick", "Answered", "ok"),
    "same": Mark("ring-tick", "Same words"),
    "changed": Mark("triangle", "Passage changed", "info"),
    "gone": Mark("slashed", "Passage gone", "due"),
    "closed": Mark("ring-tick", "Closed"),
    "cites_retracted": Mark("slashed", "Cites a retracted work", "stop"),
    "cited_as_retracted": Mark("slashed", "Cited as retracted", "due"),
    "overdue": Mark("clock", "Overdue", "due"),
}


@register.inclusion_tag("public/_icon.html")
def icon(name: str) -> dict[str, str]:
    """A shape of icons.svg, without a word of its own."""
    return {"name": name}


@register.inclusion_tag("workspace/_chip.html")
def chip(state: Any, label: str = "") -> dict[str, Any]:
    """The chip of a state; nothing for a state that has none. `label` replaces its word."""
    mark = MARKS.get(str(state or ""))
    return {"mark": mark, "label": label or (mark.label if mark else "")}


@register.inclusion_tag("workspace/_chip.html")
def evidence_chip(status: Any) -> dict[str, Any]:
    """The chip of where a cited work stands; silence and what was not checked are said as well."""
    return {"mark": Mark(status.icon, status.label, status.tone), "label": status.label}


@register.filter
def moment(value: datetime | None) -> str:
    """A moment with its zone: 10 March 2026, 16:20 UTC."""
    return format_date(timezone.localtime(value), "j F Y, H:i T") if value else ""


@register.filter
def saved_when(value: datetime | None) -> str:
    """When something was saved: the time alone today, the day as well before."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_date(local, "H:i T" if local.date() == clock.today() else "j M Y, H:i T")


@register.filter
def day(value: date | datetime | None) -> str:
    """A day in a list or table: 12 Mar 2026."""
    return format_date(timezone.localtime(value) if isinstance(value, datetime) else value, "j M Y") if value else ""


@register.filter
def long_day(value: date | datetime | None) -> str:
    """A day in a sentence: 12 March 2026."""
    return format_date(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y") if value else ""


@register.filter
def ago(value: date | datetime | None) -> str:
    """How long ago a day was, in words: today, 1 day ago, 4 days ago."""
    if value is None:
        return ""
    then = timezone.localtime(value).date() if isinstance(value, datetime) else value
    days = (clock.today() - then).days
    return "today" if days <= 0 else f"{days} day{'s' if days != 1 else ''} ago"


@register.filter
def count_of(number: int, noun: str) -> str:
    """A number with its noun: `2|count_of:"comment"` is 2 comments; `"reply,replies"` names both forms."""
    one, _, many = noun.partition(",")
    return f"{number:,}\u00a0{one if number == 1 else many or one + 's'}"


@register.filter
def duration(seconds: int) -> str:
    """How long something took, in words: 42 seconds, 3 minutes, 2 hours, 5 days."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return count_of(round(seconds / size), noun)
    return count_of(seconds, "second")


@register.filter
def pace(load: Any) -> str:
    """How fast a reviewer usually is, in words; empty where nothing was measured."""
    parts = [f"{verb} in {count_of(days, 'day') if days else 'a day'}" for verb, days in (("answers", load.answers_in), ("signs", load.signs_in)) if days is not None]
    return f"usually {', '.join(parts)}" if parts else ""


@register.filter
def kept(load: Any) -> str:
    """How often a reviewer was late and said no in the last twelve months, in words; empty where never."""
    parts = [f"{number}\u00a0{word}" for number, word in ((load.late_lately, "late"), (load.declined_lately, "declined")) if number]
    return f"{', '.join(parts)} in 12\u00a0months" if parts else ""


# ---- What changed


@dataclass(frozen=True)
class Part:
    """Some words within a run; numbers with their units stand out, keys of citations do not."""

    text: str
    is_critical: bool = False


@dataclass(frozen=True)
class Run:
    """Words of a passage that were kept, taken away or put in."""

    kind: str
    parts: tuple[Part, ...]


def _run(words: Words) -> Run:
    if words.kind == "same":
        return Run(words.kind, (Part(words.text),))
    return Run(words.kind, tuple(_parts(words.text)))


_NUMBER = re.compile(rf"@[^\s;,\]]+|(?<![\w@])({AMOUNT})")


def _parts(text: str) -> Iterator[Part]:
    at = 0
    for found in _NUMBER.finditer(text):
        if found[1]:
            yield Part(text[at : found.start()])
            yield Part(found[0], is_critical=True)
            at = found.end()
    yield Part(text[at:])


@register.inclusion_tag("workspace/_runs.html")
def runs(words: Iterable[Words]) -> dict[str, Any]:
    """Runs of words with what was put in and taken away."""
    return {"runs": [_run(each) for each in words]}


@register.filter
def problems(form: Any) -> int:
    """How many things are wrong with a form."""
    return sum(len(errors) for errors in form.errors.values())
