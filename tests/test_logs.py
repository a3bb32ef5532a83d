"""B6: a log line is one line, with ids and places, without texts, tokens and addresses of people."""

import json
import logging
import sys

import pytest

from config.logs import OneLine, without_secrets
from tests.crawl import addresses

CANARY = "canary-7f3a"


def line(message, *args, error=None):
    """The line that a record becomes."""
    record = logging.LogRecord("editorial.x", logging.ERROR, __file__, 1, message, args, error)
    return OneLine().format(record)


def test_b6_a_record_is_one_line_of_json():
    found = json.loads(line("first\nsecond %s", 7))
    assert found["said"] == "first second 7"
    assert found["level"] == "error"
    assert "\n" not in line("first\nsecond")


def test_b6_of_an_error_the_words_are_left_out_and_the_places_kept():
    try:
        raise ValueError(f"the draft says {CANARY}")
    except ValueError:
        written = line("It failed", error=sys.exc_info())
    assert CANARY not in written
    found = json.loads(written)
    assert found["error"] == "ValueError"
    assert "test_logs.py" in found["places"][-1]


@pytest.mark.parametrize(
    "words",
    [
        f"Not Found: /guest/{CANARY}/",
        f"Not Found: /guest/{CANARY}",
        f"GET /accounts/password/reset/key/1-{CANARY}/",
        f"cannot reach postgresql://me:{CANARY}@host/name",
        f"cannot reach redis://:{CANARY}@host:6379",
        f"mail to {CANARY}@example.org failed",
        f"mail to first.{CANARY}+tag@sub.example.org failed",
    ],
)
def test_b6_tokens_passwords_and_addresses_are_taken_out(words):
    assert CANARY not in without_secrets(words)


def test_b6_every_address_that_lets_somebody_in_is_taken_out():
    known = [pattern for pattern in addresses.patterns() if any("token" in name or name == "key" for _, name in pattern.names) and "admin/" not in pattern.route]
    assert len(known) >= 7
    for pattern in known:
        path = pattern.fill([CANARY] * len(pattern.names))
        assert CANARY not in without_secrets(f"Internal Server Error: {path}"), path


def test_a_line_has_an_end():
    assert len(without_secrets("word " * 10_000)) < 700
