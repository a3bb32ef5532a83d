"""The project as a whole: it can be installed, configured, started and read, and keeps the manners of the house."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.management import call_command

from config import env, mails, modes
from tests import house

KEY = "k3y-of-a-production-site-that-is-long-enough-and-random-0123456789"
PRODUCTION = {"DEMO": "0", "SECRET_KEY": KEY, "SITE_URL": "https://answers.example.org", "ENV_FILE": os.devnull}


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_no_rule_of_the_house_is_broken(rule):
    assert list(rule()) == []


def test_no_migration_is_pending(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def manage(*words, tmp_path, **environment):
    """Run manage.py as in an installation of its own."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    full = {**inherited, "VAR_DIR": str(tmp_path / "var"), "ENV_FILE": os.devnull, **environment}
    return subprocess.run([sys.executable, "manage.py", *words], cwd=house.ROOT, env=full, capture_output=True, text=True, timeout=240, check=False)


def test_d7_check_deploy_is_clean_in_production(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


REFUSED = [
    ({"DEMO": "1", "SITE_URL": "https://answers.example.org"}, "DEMO is on, but SITE_URL"),
    ({"DEMO": "1", "SITE_URL": "http://10.0.0.7:8000"}, "DEMO is on, but SITE_URL"),
    ({"DEMO": "1", "ALLOWED_HOSTS": "localhost,answers.example.org"}, "DEMO is on, but ALLOWED_HOSTS"),
    ({"DEMO": "1", "ALLOWED_HOSTS": "*"}, "DEMO is on, but ALLOWED_HOSTS"),
    ({"DEMO": "1", "HTTPS": "1"}, "DEMO is on, and so is HTTPS"),
    ({"DEMO": "1", "DATABASE_OWNER_URL": "postgresql://o@localhost/x"}, "DEMO is on, but DATABASE_OWNER_URL"),
    ({"DEMO": "1", "DATABASE_URL": "postgresql://o:pa55@db.example.org/x"}, "DEMO is on, but DATABASE_URL is on db.example.org"),
    ({**PRODUCTION, "DEBUG": "1"}, "DEBUG is on outside demo mode"),
    ({**PRODUCTION, "SECRET_KEY": modes.DEMO_KEY}, "SECRET_KEY is too short, too simple or the demo's own"),
    ({**PRODUCTION, "SECRET_KEY": "short"}, "SECRET_KEY is too short"),
    ({**PRODUCTION, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is *"),
    ({"DEMO": "0"}, "SECRET_KEY is not set"),
    ({"DEMO": "perhaps"}, "DEMO is 'perhaps': say 1 or 0"),
    ({"DEMO": "1", "PORT": "eighty"}, "PORT is 'eighty': it takes a whole number"),
    ({"DEMO": "1", "PORT": "70000"}, "PORT is 70000: it may be 65535 at most"),
    ({"DEMO": "1", "DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL must begin with"),
    ({"DEMO": "1", "DATABASE_URL": "postgresql://localhost"}, "DATABASE_URL names no database"),
    ({"DEMO": "1", "REDIS_URL": "http://localhost"}, "REDIS_URL must begin with"),
    ({"DEMO": "1", "EMAIL_URL": "localhost"}, "EMAIL_URL must begin with"),
    ({"DEMO": "1", "SITE_URL": "http://localhost/path"}, "SITE_URL is 'http://localhost/path'"),
    ({"DEMO": "1", "TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is 'Mars/Olympus'"),
    ({"DEMO": "1", "LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD'"),
]


@pytest.mark.parametrize(("environment", "words"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_settings_that_cannot_be_used_end_every_command_with_one_sentence(tmp_path, environment, words):
    done = manage("check", tmp_path=tmp_path, **environment)
    assert done.returncode != 0
    assert done.stderr.startswith("Imprimatur cannot start: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "pa55" not in done.stderr


def test_make_run_is_a_demo_only_without_a_secret_key(tmp_path):
    words = ["shell", "-v", "0", "-c", "from django.conf import settings; print(settings.DEMO)"]
    assert "True" in manage(*words, tmp_path=tmp_path, DEMO_WITHOUT_KEY="1").stdout
    assert "False" in manage(*words, tmp_path=tmp_path, DEMO_WITHOUT_KEY="1", SECRET_KEY=KEY).stdout


def test_a_demo_shows_each_mail_as_one_line_that_cannot_steer_the_terminal():
    stream = StringIO()
    body = "You are asked.\n\nhttp://127.0.0.1:8000/admin/desk/reviews/1/\n\nWhy you get this. http://127.0.0.1:8000/other/"
    mail = EmailMessage("Review invitation: \x1b[31mGout", body, to=["one@example.org", "two@example.org"])
    assert mails.EmailBackend(stream=stream).send_messages([mail, EmailMessage("No link", "Words", to=["one@example.org"])]) == 2
    assert stream.getvalue() == (
        "Mail to one@example.org, two@example.org: Review invitation: [31mGout  http://127.0.0.1:8000/admin/desk/reviews/1/\n"
        "Mail to one@example.org: No link\n"
    )


def test_a_demo_without_a_mail_server_shows_its_mails_and_production_sends_them(tmp_path):
    words = ["shell", "-v", "0", "-c", "from django.conf import settings; print(settings.EMAIL_BACKEND)"]
    assert "config.mails.EmailBackend" in manage(*words, tmp_path=tmp_path, DEMO="1").stdout
    for more in ({"DEMO": "1", "EMAIL_URL": "smtp://127.0.0.1:2525"}, PRODUCTION):
        assert "records.smtp.EmailBackend" in manage(*words, tmp_path=tmp_path, **more).stdout


PIP = """#!/bin/sh
case "$*" in *install*) echo "Collecting one"; echo "Installing collected packages: one, two, three"; echo "ERROR: the disk is full" >&2; exit ${FAILS:-0};; esac
"""


@pytest.mark.parametrize("fails", ["0", "1"])
def test_setting_up_says_a_line_a_step_and_all_that_pip_said_only_where_it_fails(tmp_path, fails):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP)
    python.chmod(0o755)
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "setup").write_bytes((house.ROOT / ".ci" / "setup").read_bytes())
    argv = ["sh", ".ci/setup", "requirements.txt", ".venv/.ready"]
    done = subprocess.run(argv, cwd=tmp_path, env={**os.environ, "FAILS": fails}, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "Fetching the packages of requirements.txt …\nInstalling 3 packages …\n"
    assert done.returncode == int(fails)
    assert (tmp_path / ".venv" / ".ready").exists() == (fails == "0")
    assert ("the disk is full" in done.stderr) == (fails == "1")
    assert ("its words above say why" in done.stderr) == (fails == "1")


# ---- The readers


def test_the_file_gives_way_to_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIED_BOTH", "environment")
    monkeypatch.delenv("TRIED_FILE", raising=False)
    file = tmp_path / ".env"
    file.write_text("# a note\nTRIED_BOTH=file\nTRIED_FILE = 'from the file'\n\nnot a line\n")
    env.load(file)
    assert (env.text("TRIED_BOTH"), env.text("TRIED_FILE")) == ("environment", "from the file")
    monkeypatch.delenv("TRIED_FILE")


@pytest.mark.parametrize(("said", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("no", False), ("", False)])
def test_a_flag_is_read_in_the_usual_words(monkeypatch, said, meant):
    monkeypatch.setenv("TRIED", said)
    assert env.flag("TRIED") is meant


def test_a_list_leaves_blanks_out(monkeypatch):
    monkeypatch.setenv("TRIED", " a, ,b,")
    assert env.names("TRIED") == ["a", "b"]


def test_a_relative_sqlite_path_starts_at_the_clone(monkeypatch):
    monkeypatch.setenv("TRIED", "sqlite:///some/where.sqlite3")
    assert env.database("TRIED")["NAME"] == str(house.ROOT / "some" / "where.sqlite3")


def test_a_postgresql_socket_and_password_are_understood(monkeypatch):
    monkeypatch.setenv("TRIED", "postgresql://me:p%40ss@%2Frun%2Fpg/name")
    found = env.database("TRIED")
    assert (found["HOST"], found["USER"], found["PASSWORD"], found["NAME"]) == ("/run/pg", "me", "p@ss", "name")


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("", "memory://"),
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("unix:///run/r.sock", "redis+socket:///run/r.sock"),
        ("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3"),
    ],
)
def test_the_broker_is_the_same_redis_in_celerys_words(address, meant):
    assert env.broker(address) == meant


def test_a_mail_address_sets_every_part(monkeypatch):
    monkeypatch.setenv("TRIED", "smtp+tls://me%40here:pass@mail.example.org")
    found = env.mail("TRIED")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_HOST_USER"], found["EMAIL_USE_TLS"]) == ("mail.example.org", 587, "me@here", True)


def test_a_folder_below_a_file_is_refused_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TRIED", str(tmp_path / "file" / "var"))
    with pytest.raises(ImproperlyConfigured, match="cannot be made or written to"):
        env.own_folder("TRIED", tmp_path)


def test_a_folder_of_somebody_else_is_refused_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIED", str(tmp_path))
    monkeypatch.setattr(env.os, "access", lambda path, how: False)
    with pytest.raises(ImproperlyConfigured, match="cannot be written to"):
        env.own_folder("TRIED", tmp_path)


# ---- The queue


def test_f4_nothing_but_json_and_no_results_and_no_delays():
    from config.celery import app

    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None
    assert app.conf.task_ignore_result
    assert app.conf.task_acks_late
    for path in house.code():
        words = path.read_text(encoding="utf-8")
        assert "countdown=" not in words, path
        assert "eta=" not in words, path


# ---- The gate itself


def test_the_lint_finds_what_it_is_there_to_find(tmp_path, monkeypatch):
    """Each pattern is tried on a line that breaks it, so that a rule that matches nothing any more is noticed."""
    assert house._SAFE.search("{{ text|" + "safe }}")
    assert house._INLINE.search('<p style="color: red">')
    assert house._INLINE.search("<script>alert(1)</script>")
    assert not house._INLINE.search('<script src="/static/editorial/preview.js" defer></script>')
    assert house._UNFINISHED.search("# TO" + "DO later")
    assert house._OWN_MACHINE.search("open('/ho" + "me/somebody/file')")
    assert not house._PINNED.match("Django>=5.2")
    assert house._PINNED.match("psycopg[binary]==3.3.9")
