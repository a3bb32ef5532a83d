"""What the tests of readers' questions share: a form as a browser has it, what is sent with it, and the mails that follow."""

import re
from uuid import uuid4

from django.conf import settings
from django.core import mail
from django.test import Client

from editorial import asking, signed_forms
from editorial.models import ReaderQuestion
from records import post

EMAIL, WORDS = "rita.reader@elsewhere.example.org", "Can naproxen be taken with a heat wrap?"
REPORT = "The dose of naproxen looks too high."
SEND = "/ask/send/"


def browser():
    """A browser without a cookie, held to what a real one is held to."""
    return Client(enforce_csrf_checks=True)


def sent_with(client, path=SEND, **given):
    """Open the form, fill it in and send it, with the token that it came with."""
    page = client.get(path)
    token = re.search(r'name="form" value="([^"]+)"', page.content.decode())[1]
    return client.post(path, {"form": token, "send": "1", "text": WORDS, "email": "", "department": "", **given})


def ask(text=WORDS, email="", kind=asking.Kind.QUESTION, publication=None, key=None, sender="192.0.2.7"):
    """Send it by the act."""
    return asking.ask(key=key or uuid4(), kind=kind, text=text, email=email, publication=publication, sender=sender)


def mails():
    """Send what waits; the mails to the reader."""
    mail.outbox.clear()
    post.send_posted(500)
    return [each for each in mail.outbox if each.to == [EMAIL]]


def path_in(found, part):
    """The path of the link in a mail that leads below `part`."""
    return re.search(re.escape(settings.SITE_URL) + rf"({re.escape(part)}\S+/)", found.body)[1]


def confirmed(**given):
    """A question whose reader confirmed their address, by the mail that they got."""
    question = ask(email=EMAIL, **given)
    [found] = mails()
    path = path_in(found, "/ask/confirm/")
    assert Client().post(path, {"form": signed_forms.new_token()}).status_code == 200
    return again(question)


def again(question):
    """The question as it stands now."""
    return ReaderQuestion.objects.get(pk=question.pk)
