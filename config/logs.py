"""How a log line looks: one JSON object a line, with ids and places, never texts, addresses of people or secrets."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

_SECRETS = [
    (re.compile(r"(/guest/|/password/reset/key/|/confirm-email/)[^/\s\"']+"), r"\1…"),
    (re.compile(r"(\w+://[^:/@\s]*):[^@/\s]+@"), r"\1:…@"),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
]
_MOST = 600


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
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["places"] = places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def without_secrets(words: str) -> str:
    """One line, at most 600 characters, with tokens, passwords and e-mail addresses taken out."""
    for pattern, instead in _SECRETS:
        words = pattern.sub(instead, words)
    words = " ".join(words.split())
    return words if len(words) <= _MOST else words[:_MOST] + "…"


def places(trace: Any) -> list[str]:
    """The last frames of a traceback as file:line function."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-8:]]
