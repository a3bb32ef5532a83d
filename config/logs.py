"""How a log line looks: one JSON object a line, with ids and places, never texts, addresses of people or secrets."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

_SECRETS = [
    (re.compile(r"(/guest/|/ask/confirm/|/ask/erase/|/inbox/unsubscribe/|/inbox/calendar/|/password/reset/key/|/confirm-email/)[^/\s\"']+"), r"\1…"),
    (re.compile(r"(\w+://[^:/@\s]*):[^@/\s]+@"), r"\1:…@"),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
]
_MOST = 600
# What a record says beside its sentence (`extra=`): numbers, ids, and these, whose words are our own names of things.
_NAMES = frozenset({"sweep", "kind", "act", "error", "day"})
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{1,18}")
_OF_A_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class OneLine(logging.Formatter):
    """One line per record; of an exception its type and the places it passed, not its words, which may quote a text."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "said": without_secrets(record.getMessage()),
            **facts(record),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["places"] = places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """What was said beside the sentence: numbers, ids and names of our own; of anything else only that it was left out."""
    return {name: _fact(name, value) for name, value in vars(record).items() if name not in _OF_A_RECORD}


def _fact(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return round(value, 3) if isinstance(value, float) else value
    if isinstance(value, list | tuple | set | frozenset):
        return [_fact(name, each) for each in value]
    words = str(value)
    return without_secrets(words) if name in _NAMES or _ID.fullmatch(words) else "…"


def without_secrets(words: str) -> str:
    """One line, at most 600 characters, with tokens, passwords and e-mail addresses taken out."""
    for pattern, instead in _SECRETS:
        words = pattern.sub(instead, words)
    words = " ".join(words.split())
    return words if len(words) <= _MOST else words[:_MOST] + "…"


def places(trace: Any) -> list[str]:
    """The last frames of a traceback as file:line function."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-8:]]
