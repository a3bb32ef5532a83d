"""The settings of the suite: those of a demo, on folders that are gone afterwards, with quick password hashes."""

import atexit
import os
import shutil
import tempfile

os.environ["ENV_FILE"] = os.devnull
os.environ.setdefault("DEMO", "1")
for _name in ("HTTPS", "SITE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "DATABASE_OWNER_URL", "EMAIL_URL", "EMAIL_HOST", "REDIS_URL", "DEBUG", "PROXIES"):
    os.environ.pop(_name, None)
# DATABASE_URL is honoured: `make test` runs the engine leg with that of a private PostgreSQL.
if "TEST_VAR_DIR" not in os.environ:
    os.environ["TEST_VAR_DIR"] = tempfile.mkdtemp(prefix="imprimatur-test-")
    atexit.register(shutil.rmtree, os.environ["TEST_VAR_DIR"], ignore_errors=True)
if (_worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and not os.environ["TEST_VAR_DIR"].endswith(f"/{_worker}"):
    os.environ["TEST_VAR_DIR"] += f"/{_worker}"
    os.makedirs(os.environ["TEST_VAR_DIR"], exist_ok=True)
os.environ["VAR_DIR"] = os.environ["TEST_VAR_DIR"]

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": False}
