"""Servers and load for `make bench`: gunicorn with two workers on this machine, asked by wrk or, without it, by threads of ours."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKERS, CONNECTIONS = 2, 16


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def served(module, **environment):
    """A WSGI module of this folder behind gunicorn: its port. It ends with the block."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", f"{module}:application", "-w", str(WORKERS), "-b", f"127.0.0.1:{port}", "--log-level", "warning"]
    server = subprocess.Popen(argv, cwd=HERE, env={**os.environ, **environment})
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(15)


def _wait(port):
    for _ in range(200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def fetch(port, path, headers=None):
    """One request: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def rate(port, path, seconds, headers=None):
    """Requests answered in a second, by wrk where there is one."""
    if shutil.which("wrk"):
        argv = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", *(word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}"))]
        said = subprocess.run([*argv, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in said and not headers:
            raise SystemExit(f"{path} did not answer 200")
        return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    return _threads(port, path, seconds, headers)


def _threads(port, path, seconds, headers):
    end, counts = time.monotonic() + seconds, []

    def ask():
        done = 0
        while time.monotonic() < end:
            fetch(port, path, headers)
            done += 1
        counts.append(done)

    asking = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return sum(counts) / seconds
