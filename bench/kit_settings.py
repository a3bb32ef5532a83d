"""The settings of the benches on a database of the bench kit."""

import os

os.environ["VAR_DIR"] = os.environ["BENCH_STATE"]
os.environ.pop("DATABASE_URL", None)

import peer_settings
from bench_settings import *  # noqa: F403

DATABASES = peer_settings.databases()
