"""E7: the same form sent twenty times at once, as by a trembling hand, has one effect, one event and one message."""

import html5lib
import pytest
from django.test import Client

from records.models import Event, Outbox
from tests import worlds
from tests.crawl.test_forms import fields_of
from tests.races.together import at_once
from tests.scale import examples

# act: (situation, by whom, the address of its form, what is typed, events, messages)
FORMS = {
    "withdraw": ("submitted", "owner", "/workspace/{article}/submissions/{submission}/withdraw/", {"note": "Not yet."}, ["withdraw"], ["withdrawn"]),
    "accept": ("invited", "assigned reviewer", "/admin/desk/reviews/{assignment}/accept/", {"named_in_public": "yes", "named": "yes"}, ["accept"], ["review_accepted"]),
    "request_changes": ("reviewed", "editor", "/admin/desk/submissions/{submission}/changes/", {"note": "Shorter.", "reason": "Shorter."}, ["request_changes"], ["changes_requested"]),
    "withhold": ("live", "editor", "/admin/desk/publications/{publication}/withhold/", {"reason": "A dose is being checked."}, ["withhold"], ["withheld"]),
    "open_re_review": ("live", "editor", "/admin/desk/publications/{publication}/re-review/", {"note": "A year has passed."}, ["open_re_review"], ["re_review_opened"]),
}  # fmt: skip


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def typed(client, address, words):
    """What the form at an address sends, with these words typed into it; where there is no page for it, the words alone."""
    page = client.get(address)
    if page.status_code != 200:
        return words
    forms = [form for form in html5lib.parse(page.content.decode(), namespaceHTMLElements=False).iter("form") if form.attrib.get("action", address) in {"", address}]
    return {**(fields_of(forms[-1]) if forms else {}), **words}


@pytest.mark.engine
@pytest.mark.parametrize("act", FORMS)
def test_e7_the_same_form_sent_twenty_times_at_once_is_taken_once(committed_db, act, report):
    situation, role, route, words, events, messages = FORMS[act]
    world, times = worlds.make_world(situation), examples(6, 20)
    keys = {name: getattr(world, name).pk for name in ("article", "submission", "assignment", "publication") if getattr(world, name)}
    address = route.format(**keys)
    clients = [signed_in(world[role]) for _ in range(times)]
    data = typed(clients[0], address, words)
    number, sent = Event.objects.count(), set(Outbox.objects.values_list("pk", flat=True))
    codes = []
    assert at_once(*[lambda client=client: codes.append(client.post(address, data).status_code) for client in clients]) == ["done"] * times
    assert sorted(event.act for event in list(Event.objects.order_by("number"))[number:]) == events, codes
    assert sorted(Outbox.objects.exclude(pk__in=sent).values_list("kind", flat=True)) == messages
    assert not [code for code in codes if code >= 500], codes
    report(f"The same form sent many times at once: {act}", ["sent", "answers"], [[times, ", ".join(map(str, sorted(codes)))]])
