"""/metrics: what a monitor reads, who may read it, and that the reference names all of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from editorial import workflow
from editorial.models import Publication
from records.models import Outbox, Sweep
from records.post import post
from tests.house import ROOT

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def read(client, settings):
    """What the address says with the right token: (name, labels) → number."""
    settings.METRICS_TOKEN = TOKEN

    def ask():
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}

    return ask


@pytest.fixture
def sweeps(db):
    """Two sweeps: one that completed and one that the brake holds and that never did."""
    now = timezone.now()
    Sweep.objects.create(name="remind", started_at=now, finished_at=now - timedelta(seconds=60), done=7, seconds=1.5)
    Sweep.objects.create(name="check", held_since=now, held_because="The clock jumped.", last_error="ValueError", made_at=now - timedelta(hours=1))


def test_without_a_token_in_the_settings_there_is_no_such_address(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"bearer {TOKEN}", "Basic YTpi", "Bearer é"])
def test_another_token_reads_nothing_and_asks_the_database_nothing(client, settings, said):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"authorization": said})
    assert answer.status_code == 401
    assert b"imprimatur_" not in answer.content


def test_a16_metrics_are_for_looking_alone_and_set_no_cookie(client, db, settings):
    settings.METRICS_TOKEN = TOKEN
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert client.post("/metrics", headers=headers).status_code in {403, 405}
    answer = client.get("/metrics", headers={**headers, "host": "10.1.2.3"})
    assert (answer.status_code, answer["Cache-Control"], dict(answer.cookies)) == (200, "no-store", {})


@pytest.mark.engine
def test_the_queue_is_counted_by_kind_and_its_oldest_due_row_has_an_age(read, published):
    Outbox.objects.all().delete()
    assert read()[("imprimatur_queue_oldest_seconds",)] == 0
    first, second, _ = (post("published", published) for _ in range(3))
    Outbox.objects.filter(pk=first.pk).update(not_before=timezone.now() - timedelta(minutes=20))
    Outbox.objects.filter(pk=second.pk).update(state=Outbox.State.FAILED, not_before=timezone.now() - timedelta(days=20))
    post("withheld", published)
    Outbox.objects.filter(kind="withheld").update(state=Outbox.State.SENT)
    found = read()
    assert 1200 <= found[("imprimatur_queue_oldest_seconds",)] < 1300
    assert found[("imprimatur_messages_waiting", "published")] == 2
    assert found[("imprimatur_messages_failed", "published")] == 1
    assert found[("imprimatur_messages_sent_total", "withheld")] == 1
    Outbox.objects.filter(pk=second.pk).update(state=Outbox.State.OVERTAKEN)
    assert read()[("imprimatur_messages_not_needed", "published", "overtaken")] == 1


@pytest.mark.engine
def test_what_is_due_overdue_and_before_the_board_again_is_counted(read, published, editor):
    today = timezone.localdate()
    for days, overdue, due in ((40, 0, (0, 0, 1)), (7, 0, (1, 1, 1)), (0, 0, (1, 1, 1)), (-1, 1, (0, 0, 0))):
        Publication.objects.filter(pk=published.pk).update(review_due_on=today + timedelta(days=days))
        found = read()
        assert (found[("imprimatur_pages",)], found[("imprimatur_pages_withheld",)], found[("imprimatur_pages_overdue",)]) == (1, 0, overdue)
        assert tuple(found[("imprimatur_pages_due", days)] for days in ("7", "30", "90")) == due
    submission = workflow.open_re_review(published, by=editor)
    assert read()[("imprimatur_re_reviews_open", submission.cause)] == 1


@pytest.mark.engine
def test_f11_every_sweep_says_when_it_completed_and_whether_it_is_held(read, sweeps):
    found = read()
    assert found[("imprimatur_sweep_seconds", "remind")] == 1.5
    assert found[("imprimatur_sweep_done", "remind")] == 7
    assert 60 <= found[("imprimatur_sweep_age_seconds", "remind")] < 120
    assert 3600 <= found[("imprimatur_sweep_age_seconds", "check")] < 3700
    assert [found[("imprimatur_sweep_held", name)] for name in ("remind", "check")] == [0, 1]
    assert [found[("imprimatur_sweep_failed", name)] for name in ("remind", "check")] == [0, 1]


def test_a_scrape_takes_five_queries_however_much_there_is(read, published, sweeps, django_assert_num_queries):
    for kind in ("published", "withheld", "restored", "approved"):
        post(kind, published)
    with django_assert_num_queries(5):
        read()


def test_the_reference_names_every_metric_and_no_other(read, published, editor, sweeps):
    workflow.open_re_review(published, by=editor)
    states = list(Outbox.State)
    rows = [post("published", published) for _ in states]
    for row, state in zip(rows, states, strict=True):
        Outbox.objects.filter(pk=row.pk).update(state=state)
    said = {key[0] for key in read()}
    written = set(re.findall(r"^\| `(imprimatur_\w+)`", (ROOT / "docs/reference/metrics.md").read_text(), re.MULTILINE))
    assert said == written
