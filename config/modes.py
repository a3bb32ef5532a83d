"""Demo or production: what must hold before the settings are taken."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

DEMO_KEY = "django-insecure-demo-only-never-in-production"


def refuse_unsafe(
    *, demo: bool, debug: bool, https: bool, site_url: str, hosts: list[str], secret_key: str, databases: dict[str, dict[str, Any]]
) -> None:
    """Stop with one sentence when demo mode could be reached by others, or production stands on a demo's secret."""
    reason = _demo_reason(https, site_url, hosts, databases) if demo else _production_reason(debug, secret_key, hosts)
    if reason:
        raise ImproperlyConfigured(reason)


def _demo_reason(https: bool, site_url: str, hosts: list[str], databases: dict[str, dict[str, Any]]) -> str:
    """Why this cannot be a demo: its sign-ins and its key are known to all, so it stays on this machine."""
    if not env.is_loopback(site_url):
        return f"DEMO is on, but SITE_URL is {site_url}: a demo is for this machine alone. Take DEMO away and set SECRET_KEY."
    if strange := [host for host in hosts if not env.is_loopback(host)]:
        return f"DEMO is on, but ALLOWED_HOSTS has {strange[0]}: a demo is for this machine alone. Take DEMO away and set SECRET_KEY."
    if https:
        return "DEMO is on, and so is HTTPS, which is for production. Take one of them away."
    if "owner" in databases:
        return "DEMO is on, but DATABASE_OWNER_URL is set, which is for production. Take one of them away."
    host = databases["default"].get("HOST") or ""
    if host and not host.startswith("/") and not env.is_loopback(host):
        return f"DEMO is on, but DATABASE_URL is on {host}: a demo never writes to a database elsewhere. Take DEMO away and set SECRET_KEY."
    return ""


def _production_reason(debug: bool, secret_key: str, hosts: list[str]) -> str:
    """Why this cannot be production."""
    if debug:
        return "DEBUG is on outside demo mode: it would show settings and texts to everyone. Take DEBUG away, or set DEMO=1."
    if secret_key == DEMO_KEY or len(secret_key) < 32 or len(set(secret_key)) < 5:
        return "SECRET_KEY is too short, too simple or the demo's own: set a random one of 50 characters or more."
    if "*" in hosts:
        return "ALLOWED_HOSTS is *: name the hosts under which this site is known."
    return ""
