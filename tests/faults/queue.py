"""A kind of message of the tests' own, a queue of it, and minutes that pass."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import models
from django.utils import timezone

from records import composers, post
from records.models import Delivery, Outbox, Person, User

KIND = "fault_told"


def compose(object_type, object_id):
    """A mail to the account of the person whom it is about."""
    user = User.objects.get(person__pk=object_id)
    return [composers.Message(user, f"Message to {user.email}", "Words.", "<p>Words.</p>", path=f"/x/{object_id}/")]


def register():
    """Enter the composer, in this process."""
    composers.COMPOSERS.setdefault(KIND, compose)


def people(number):
    """So many people with accounts."""
    mark = uuid4().hex
    users = User.objects.bulk_create([User(email=f"p{place}-{mark}@example.org", password="!") for place in range(number)])
    return Person.objects.bulk_create([Person(name=user.email, user=user) for user in users])


def post_to(persons):
    """One message to each."""
    return post.post_all(KIND, persons)


def minutes_pass(minutes=1):
    """What was to wait for so long waits so much less: the clock of the machine is not touched."""
    gone = timedelta(minutes=minutes)
    Outbox.objects.update(not_before=models.F("not_before") - gone, created_at=models.F("created_at") - gone)
    Outbox.objects.exclude(leased_until=None).update(leased_until=models.F("leased_until") - gone)


def states():
    """How many rows are in each state."""
    return dict(Outbox.objects.order_by().values_list("state").annotate(models.Count("pk")))


def is_quiet():
    """Whether nothing can be sent now and nothing is being sent: a lease of somebody who died ends within a minute once one has passed."""
    fresh = timezone.now() + timedelta(minutes=1)
    return not Outbox.objects.to_send().exists() and not Outbox.objects.filter(state="waiting", leased_until__gt=fresh).exists()


def sweeps_until_quiet(send, most=9):
    """Send once a minute until nothing waits; how many sweeps that took."""
    for number in range(1, most + 1):
        send()
        if not Outbox.objects.filter(state="waiting").exists():
            return number
        minutes_pass()
    return pytest.fail(f"still waiting after {most} sweeps: {list(Outbox.objects.filter(state='waiting').values('attempts', 'last_error')[:3])}")


def lost(mails):
    """Deliveries that the database takes for mailed and nobody read."""
    read = {mail.key for mail in mails}
    return [key for key in Delivery.objects.filter(sent_at__isnull=False).values_list("pk", flat=True) if not any(str(key) in one for one in read)]
