"""What a monitor may know: counts, ages and seconds, read from the database at each scrape, so that many processes say the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from editorial.middleware import sessionless
from editorial.models import Publication
from records import clock
from records.models import Outbox, Sweep
from records.permits import ruled_by
from reviews.models import Submission

DUE_WITHIN = (7, 30, 90)
State = Outbox.State


@ruled_by("token")
@sessionless
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format, for whoever shows the token; 404 where no METRICS_TOKEN is set, 401 for another."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse("The token is missing or is not the one that was set.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Database())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Database(Collector):
    """What the database says now; docs/reference/metrics.md names each metric."""

    def collect(self) -> Iterator[Metric]:
        """Every metric, in five queries."""
        now = clock.now()
        yield from _queue(now)
        yield from _pages(clock.day(now))
        yield from _re_reviews()
        yield from _sweeps(now)


def _gauge(name: str, words: str, rows: Iterable[tuple[Sequence[str], float]], *labels: str) -> GaugeMetricFamily:
    found = GaugeMetricFamily(f"imprimatur_{name}", words, labels=labels)
    for values, number in rows:
        found.add_metric(values, number)
    return found


def _number(name: str, words: str, number: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"imprimatur_{name}", words, value=number)


def _queue(now: datetime) -> Iterator[Metric]:
    """How the queue of messages stands: by kind, and how long the oldest that is due has waited."""
    waiting = Outbox.objects.filter(state=State.WAITING, not_before__lte=now).aggregate(since=Min("not_before"))["since"]
    yield _number("queue_oldest_seconds", "How long the oldest due message has waited; 0 when none does.", _since(waiting, now) if waiting else 0)
    counts = list(Outbox.objects.order_by().values_list("kind", "state").annotate(number=Count("pk")))
    for state, words in ((State.WAITING, "Messages that wait to be sent."), (State.FAILED, "Messages given up: dead letters.")):
        yield _gauge(f"messages_{state}", words, [([kind], number) for kind, found, number in counts if found == state], "kind")
    sent = CounterMetricFamily("imprimatur_messages_sent", "Messages that were sent.", labels=["kind"])
    for kind, found, number in counts:
        if found == State.SENT:
            sent.add_metric([kind], number)
    yield sent
    ended = [([kind, found], number) for kind, found, number in counts if found in {State.OVERTAKEN, State.DROPPED}]
    yield _gauge("messages_not_needed", "Messages overtaken by a later one, or with nobody to be told.", ended, "kind", "why")


def _pages(today: date) -> Iterator[Metric]:
    """How many public pages are overdue for re-review, and how many fall due within some days from today."""
    within = {f"within_{days}": Count("pk", filter=Q(review_due_on__gte=today, review_due_on__lte=today + timedelta(days=days))) for days in DUE_WITHIN}
    found = Publication.objects.standing().aggregate(
        public=Count("pk"), withheld=Count("pk", filter=Q(state="withheld")), overdue=Count("pk", filter=Q(review_due_on__lt=today)), **within
    )
    yield _number("pages", "Articles with a public page that is not retracted.", found["public"])
    yield _number("pages_withheld", "Of these, pages that are withheld now.", found["withheld"])
    yield _number("pages_overdue", "Of these, pages whose re-review was due before today.", found["overdue"])
    due = [([str(days)], found[f"within_{days}"]) for days in DUE_WITHIN]
    yield _gauge("pages_due", "Of these, pages due for re-review from today within so many days.", due, "days")


def _re_reviews() -> Iterator[Metric]:
    """How many re-reviews are open, by what opened them."""
    rows = Submission.objects.open().filter(kind=Submission.Kind.RE_REVIEW).order_by().values_list("cause").annotate(number=Count("pk"))
    yield _gauge("re_reviews_open", "Re-reviews before the board now.", [([cause], number) for cause, number in rows], "cause")


def _sweeps(now: datetime) -> Iterator[Metric]:
    """How each sweep went last, how long ago it completed, and whether the brake holds it."""
    sweeps = list(Sweep.objects.order_by("name"))
    says: dict[str, tuple[str, Callable[[Sweep], float]]] = {
        "seconds": ("How long the last run of the sweep took.", lambda each: each.seconds),
        "done": ("What the last run of the sweep dealt with.", lambda each: each.done),
        "age_seconds": ("How long ago the sweep completed last; if never, since it is known.", lambda each: _since(each.finished_at or each.made_at, now)),
        "held": ("1 while the brake holds the sweep.", lambda each: each.held_since is not None),
        "failed": ("1 when the last run of the sweep, or an item of it, failed.", lambda each: bool(each.last_error)),
    }
    for name, (words, read) in says.items():
        yield _gauge(f"sweep_{name}", words, [([each.name], read(each)) for each in sweeps], "sweep")


def _since(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
