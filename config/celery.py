"""The Celery application: it wakes the sweeps; what must be done stands in the database."""

import os
import threading
import time
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("imprimatur", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def take_schedule(sender: Celery, **kwargs: Any) -> None:
    """The sweeps that run by the clock are those of `editorial.tasks.SCHEDULE`."""
    from editorial.tasks import SCHEDULE

    sender.conf.beat_schedule = SCHEDULE


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Celery logs through the settings' LOGGING like everything else, not through handlers of its own."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_ready.connect
def worker_is_ready(**kwargs: Any) -> None:
    """Tell the supervisor that the worker listens."""
    say_ready()


@beat_init.connect
def beat_is_ready(sender: Any = None, **kwargs: Any) -> None:
    """Tell the supervisor that the clock runs, and run each sweep once: its hour may have passed while nothing ran."""
    say_ready()
    wake_all()


def wake_all() -> None:
    """Wake each sweep of the schedule once; in an eager process that runs it."""
    from editorial.tasks import SCHEDULE

    for entry in SCHEDULE.values():
        app.tasks[entry["task"]].apply_async(args=entry.get("args", ()), kwargs=entry.get("kwargs", {}))


def say_ready() -> None:
    """Leave the file that the supervisor waits for, when there is one to leave."""
    if path := os.environ.get("IMPRIMATUR_READY_FILE"):
        Path(path).touch()


def end_after(parent: int) -> None:
    """End this process some seconds after its supervisor is gone, also where it is busy trying to reach a broker that went too."""
    while os.getppid() == parent:
        time.sleep(0.5)
    time.sleep(3)
    os._exit(1)


if _parent := os.environ.get("IMPRIMATUR_PARENT"):
    threading.Thread(target=end_after, args=(int(_parent),), daemon=True).start()
