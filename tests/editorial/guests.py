"""What the tests of guests share: an outside reviewer asked, their mail read, their session begun."""

import re

from django.core import mail
from django.test import Client
from django.urls import reverse

from records import post
from records.models import AccessLink
from reviews import outside
from reviews.models import OutsideReviewer

NAME, EMAIL = "Olivia Outside", "olivia@elsewhere.example.org"
ROOM = ("room", "declare", "decline", "code", "sign")


def invite(submission, editor, name=NAME, email=EMAIL):
    """Ask somebody from outside, by the act."""
    return outside.invite(submission, by=editor, name=name, email=email)


def link_to(obj):
    """The newest link to an object."""
    return AccessLink.objects.to(obj).first()


def door(obj):
    """The address that a mail carries."""
    return reverse("guest:door", args=[link_to(obj).token])


def enter(obj, client=None):
    """A client whose session the link was exchanged for."""
    client = client or Client()
    answer = client.post(door(obj))
    assert (answer.status_code, answer["Location"]) == (302, reverse("guest:room"))
    return client


def opened(reviewer):
    """The link of an outside reviewer, exchanged: what their acts ask for."""
    from records import links

    link = link_to(reviewer)
    assert links.exchange(link)
    return AccessLink.objects.get(pk=link.pk)


def declaration(reviewer, **more):
    """What they declare, in the words of the form."""
    return {"name": reviewer.name, "credentials": "MD, neurologist", "digest": reviewer.submission.version.digest, "conclusion": "no_conflict", **more}


def advice(reviewer, **more):
    """What they advise."""
    return {"digest": reviewer.submission.version.digest, "recommendation": "minor", "comment": "Say how far to walk.", **more}


def mailed_code():
    """The code of the last mail."""
    post.send_posted()
    found = next(each for each in reversed(mail.outbox) if each.subject.startswith("Your code"))
    return re.search(r"Code: (\d{4} \d{4})", found.body)[1]


def to_the_text(client, reviewer):
    """Declare no conflict over HTTP."""
    answer = client.post(reverse("guest:declare"), declaration(reviewer))
    assert answer.status_code == 302, answer.content.decode()
    return client


def sign(client, reviewer, **more):
    """Have a code sent, and sign over HTTP; the answer."""
    assert client.post(reverse("guest:code"), advice(reviewer)).status_code == 200
    return client.post(reverse("guest:sign"), advice(reviewer, code=mailed_code(), **more))


def again(reviewer):
    """The outside reviewer as they stand now."""
    return OutsideReviewer.objects.with_all().get(pk=reviewer.pk)
