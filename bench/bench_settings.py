"""The settings of the benches: those of production, on a folder of their own, with mail that goes nowhere."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

os.environ["ENV_FILE"] = os.devnull
for _name in ("DEMO", "DEMO_WITHOUT_KEY", "DEBUG", "HTTPS", "SITE_URL", "ALLOWED_HOSTS", "DATABASE_OWNER_URL", "EMAIL_URL", "REDIS_URL", "PROXIES"):
    os.environ.pop(_name, None)
# Several processes of one run read each other's sessions.
os.environ["SECRET_KEY"] = "of-the-bench-alone-0123456789-abcdefghijklmnopqrstuvwxyz"
os.environ.setdefault("LOG_LEVEL", "WARNING")

from config.settings import *  # noqa: E402, F403
from config.settings import AUTHENTICATION_BACKENDS as _BACKENDS  # noqa: E402

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# The kit signs in through Django's own backend; permissions still come from the roles, asked first.
AUTHENTICATION_BACKENDS = [*_BACKENDS, "django.contrib.auth.backends.ModelBackend"]
