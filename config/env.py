"""Typed readers of the environment: each gives a value of its type or stops with one clear sentence."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1", ".localhost"})


def load(path: Path) -> None:
    """Take NAME=value lines from a file, where there is one; what the environment says already wins."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        name, given, value = line.partition("=")
        if given and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def text(name: str, default: str | None = None) -> str:
    """The variable's text; without a default it must be set and not empty."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; see .env.example.")
    return default


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off; anything else is refused."""
    value = text(name, str(default)).strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: say 1 or 0.")


def number(name: str, default: int, *, most: int | None = None) -> int:
    """A whole number, 0 or more, and not over `most`."""
    value = text(name, str(default)).strip()
    if not (value.isascii() and value.isdecimal()):
        raise ImproperlyConfigured(f"{name} is {value!r}: it takes a whole number.")
    if most is not None and int(value) > most:
        raise ImproperlyConfigured(f"{name} is {value}: it may be {most} at most.")
    return int(value)


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of the words there are, in any case."""
    value = text(name, default).strip().upper()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: it takes one of {', '.join(choices)}.")
    return value


def zone(name: str, default: str) -> str:
    """The name of a time zone, such as Europe/Berlin."""
    value = text(name, default).strip()
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(f"{name} is {value!r}, which is no time zone; Europe/Berlin is one.") from None
    return value


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks left out."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def origins(name: str) -> list[str]:
    """Sites that may be asked: bare host names, or whole origins such as https://mirror.example:8443; http:// for this machine alone."""
    found = names(name)
    for entry in found:
        parts = _address(name, entry if "://" in entry else f"https://{entry}", ("https", "http"))
        is_whole = parts.hostname and not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
        if not is_whole or ("://" not in entry and parts.port is not None):
            raise ImproperlyConfigured(f"{name} holds {entry!r}: give a host name such as api.crossref.org, or scheme, host and port alone.")
        if parts.scheme == "http" and not is_loopback(entry):
            raise ImproperlyConfigured(f"{name} holds {entry!r}: only this machine may be asked over http://.")
    return found


def own_folder(name: str, default: Path) -> Path:
    """A folder this process may write to, made when it is not there; a relative path starts at the clone."""
    path = (BASE_DIR / Path(text(name, str(default))).expanduser()).resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / "static").mkdir(exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} is {path}, which cannot be made or written to: {error.strerror}.") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name} is {path}, which cannot be written to.")
    return path


def _address(name: str, value: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of an address whose scheme is one of `schemes`; its password never appears in the refusal."""
    try:
        parts = urlsplit(value.strip())
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an address that can be read: {error}.") from None
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must begin with {' or '.join(scheme + '://' for scheme in schemes)}.")
    return parts


def site(name: str, default: str) -> str:
    """The address under which readers know the site: http or https, a host, no path."""
    value = text(name, default).strip().rstrip("/")
    parts = _address(name, value, ("http", "https"))
    if not parts.hostname or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ImproperlyConfigured(f"{name} is {value!r}: give scheme and host alone, such as https://example.org.")
    return value


def contact(name: str) -> str:
    """Where something can be told, as an address: https:// or mailto:, which a bare e-mail address is given; empty when not set."""
    value = text(name, "").strip()
    value = f"mailto:{value}" if "@" in value and ":" not in value else value
    if value and not re.fullmatch(r"(?:https://|mailto:[^@]+@)[!-~]+", value):
        raise ImproperlyConfigured(f"{name} is {value!r}: give an e-mail address or an https:// one.")
    return value


def is_loopback(address: str) -> bool:
    """Whether an address (or a bare host) is this machine's own and nobody else's."""
    host = urlsplit(address).hostname if "://" in address else address
    return host in LOOPBACK


def database(name: str, default: str = "") -> dict[str, Any]:
    """The connection a database URL describes: sqlite:///path or postgresql://…; `default` when it is not set."""
    value = text(name, default).strip()
    parts = _address(name, value, ("sqlite", "postgresql", "postgres"))
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(value, conn_max_age=600, conn_health_checks=True))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read as a database address: {type(error).__name__}.") from None
    if not found.get("NAME"):
        raise ImproperlyConfigured(f"{name} names no database.")
    if parts.scheme == "sqlite" and found["NAME"] != ":memory:":
        found["NAME"] = str((BASE_DIR / Path(str(found["NAME"])).expanduser()).resolve())
    found["OPTIONS"] = {**(found.get("OPTIONS") or {}), **(_SQLITE if parts.scheme == "sqlite" else _POSTGRESQL)}
    return found


# IMMEDIATE stands in for row locks on SQLite; WAL lets readers read while one writes. The site has some hundreds of different
# statements: those that a connection forgets it parses again, with every trigger they fire.
_SQLITE: dict[str, Any] = {
    "timeout": 20,
    "cached_statements": 1000,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
_POSTGRESQL: dict[str, Any] = {"connect_timeout": 5}


def redis(name: str) -> str:
    """A Redis address (redis://, rediss://, unix:///socket), or nothing: then the sweeps run by a timer."""
    value = text(name, "").strip()
    if value:
        parts = _address(name, value, ("redis", "rediss", "unix"))
        if not (parts.path if parts.scheme == "unix" else parts.hostname):
            raise ImproperlyConfigured(f"{name} names no {'socket' if parts.scheme == 'unix' else 'host'}.")
    return value


def broker(address: str) -> str:
    """The same Redis in the words of Celery; without one, a broker inside the process that nobody listens to."""
    if not address:
        return "memory://"
    if address.startswith("unix://"):
        return address.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    return address


def mail(name: str) -> dict[str, Any]:
    """Django's EMAIL_ settings from smtp://, smtp+tls:// or smtp+ssl://user:password@host:port; empty when not set."""
    value = text(name, "").strip()
    if not value:
        return {}
    parts = _address(name, value, ("smtp", "smtp+tls", "smtp+ssl"))
    if not parts.hostname:
        raise ImproperlyConfigured(f"{name} names no host.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
    }
