"""Where the suite's real workers and clocks come from: a process that has loaded everything once, and forks them quickly.

Each is a process group of its own, runs Celery as `manage.py serve` does, and may be told to stand still at one point of the
sender's way, so that the suite can end it there with SIGKILL. Lines in: what to start, as JSON. Lines out: what happened.
"""

import ctypes
import json
import os
import signal
import sys
from datetime import date, timedelta
from importlib import import_module

POINTS = ("before the lease", "after the lease", "before handing over", "after handing over, before the mark", "after the mark")
DAY = date(2026, 5, 11)


def say(**words):
    """One line to the suite, whole."""
    os.write(1, (json.dumps(words) + "\n").encode())


def stand_still_at(point):
    """Stop at this point and say so; whoever waits for the line ends the process, or lets it go on with SIGUSR1."""
    from records import sending

    stood = []

    def halt():
        if stood:
            return
        stood.append(point)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        os.write(VOICE, (json.dumps({"reached": point, "pid": os.getpid()}) + "\n").encode())
        signal.sigwait({signal.SIGUSR1})

    def before(name):
        real = getattr(sending, name)
        setattr(sending, name, lambda *args: (halt(), real(*args))[1])

    def after(name):
        real = getattr(sending, name)

        def wrapped(*args):
            found = real(*args)
            halt()
            return found

        setattr(sending, name, wrapped)

    place = POINTS.index(point)
    [lambda: before("lease"), lambda: after("lease"), lambda: before("hand_over"), lambda: before("mark"), lambda: after("mark")][place]()


def schedule():
    """Every second: what is due is posted, by every clock, and what was posted is sent."""
    from celery import shared_task

    from editorial import tasks
    from records import post
    from records.models import Person
    from records.permits import ruled_by
    from tests.faults.queue import KIND

    @shared_task(name="tests.faults.sweep_due", ignore_result=True)
    @ruled_by("system")
    def sweep_due():
        for person in Person.objects.filter(name__startswith="due-").order_by("?"):
            post.post_for(KIND, person, DAY)
        post.wake_sender()

    second = timedelta(seconds=1)
    tasks.SCHEDULE.clear()
    tasks.SCHEDULE["send"] = {"task": "records.tasks.send_posted", "schedule": second}
    tasks.SCHEDULE["due"] = {"task": "tests.faults.sweep_due", "schedule": second}


def become(app, role, stop_at=None):
    """Be a worker, or a clock, until ended."""
    os.setsid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    log = os.open(os.environ["FAULT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if stop_at:
        stand_still_at(stop_at)
    if role == "worker":
        words = ["worker", "--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    else:
        words = ["beat", "--schedule", f"{os.environ['FAULT_LOG']}-{os.getpid()}", "--pidfile="]
    app.start(["-q", *words, "--loglevel", "WARNING"])


def main():
    """Load once, fork on demand."""
    global VOICE
    import django

    django.setup()
    from config.celery import app
    from tests.faults import queue

    queue.register()
    schedule()
    for module in ("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.worker.consumer", "celery.concurrency.solo", "kombu.transport.redis"):
        import_module(module)
    app.loader.import_default_modules()
    app.finalize()
    VOICE = os.dup(1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say(ready=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                become(app, **json.loads(line))
            finally:
                os._exit(1)
        say(started=child)


if __name__ == "__main__":
    main()
