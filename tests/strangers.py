"""Sites that one asks, on loopback: they answer as a script says, byte for byte, politely or not at all."""

import contextlib
import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest


@dataclass(frozen=True)
class Asked:
    """One request as it came in: what for, as it stood on the wire, with which headers, and by which method."""

    target: str
    headers: Mapping[str, str]
    method: str = "GET"


def answer(body=b"", status=200, content_type="application/json", **headers):
    """A whole answer as bytes, with the right length."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *([f"Content-Type: {content_type}"] if content_type else [])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Stranger:
    """`with Stranger(script) as it`: a server whose `script(asked)` gives the bytes of each answer, whole or piece by piece."""

    def __init__(self, script):
        self.script, self.asked, self.ended = script, [], threading.Event()

    def __enter__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.serving = threading.Thread(target=self._serve, daemon=True)
        self.serving.start()
        return self

    def __exit__(self, *error):
        self.ended.set()
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.serving.join(5)
        self.listening.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                taken, _ = self.listening.accept()
                threading.Thread(target=self._converse, args=(taken,), daemon=True).start()

    def _converse(self, taken):
        with taken, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and head[:1] != b"\x16" and (more := taken.recv(65_536)):
                head += more
            lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
            if len(lines[0].split(" ")) != 3:
                return taken.sendall(answer(status=400))
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            asked = Asked(lines[0].split(" ")[1], headers, lines[0].split(" ")[0])
            self.asked.append(asked)
            said = self.script(asked)
            for piece in [said] if isinstance(said, bytes) else said:
                if self.ended.is_set():
                    return
                taken.sendall(piece)


# ---- Crossref and PubMed, as they answer


@pytest.fixture
def quick(monkeypatch):
    """No waiting between two questions; the waits are counted."""
    from articles.lookup import asking

    waits = []
    monkeypatch.setattr(asking, "sleep", waits.append)
    for name, service in asking.SERVICES.items():
        monkeypatch.setitem(asking.SERVICES, name, replace(service, pause=timedelta(0)))
    return waits


@pytest.fixture
def stub(settings):
    """stub(script) → both services are that site."""
    running = []

    def start(script):
        site = Stranger(script).__enter__()
        running.append(site)
        settings.OUTGOING_HOSTS = [site.origin]
        settings.CROSSREF_URL, settings.PUBMED_URL, settings.LOOK_UP_EMAIL = site.origin, f"{site.origin}/eutils", "desk@example.org"
        return site

    yield start
    for site in running:
        site.__exit__()


def work(doi, **fields):
    """A record of Crossref as an answer."""
    said = {"status": "ok", "message-type": "work", "message": {"DOI": doi, "title": ["A trial"], "type": "journal-article", **fields}}
    return answer(json.dumps(said).encode())


def record(pmid, inner="", doi="", types=("Journal Article",), title="A trial.", data=""):
    """A record of PubMed as an answer."""
    kinds = "".join(f"<PublicationType>{each}</PublicationType>" for each in types)
    numbers = f'<ArticleId IdType="doi">{doi}</ArticleId>' if doi else ""
    return answer(
        f"""<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.nlm.nih.gov/p.dtd">
        <PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal><JournalIssue><PubDate><Year>2020</Year></PubDate>
        </JournalIssue><Title>J Trials</Title></Journal><ArticleTitle>{title}</ArticleTitle><PublicationTypeList>{kinds}</PublicationTypeList></Article>{inner}
        </MedlineCitation><PubmedData>{data}<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>{numbers}</ArticleIdList></PubmedData></PubmedArticle>
        </PubmedArticleSet>""".encode(),
        content_type="text/xml",
    )
