"""What readers wrote is forgotten: by the clock once it is dealt with, by editors, by the reader; what stays in all tables is a bare row."""

from datetime import timedelta

import pytest

from editorial import asking, forgetting, invariants, questions, sweeping, triage
from editorial.models import FormUse
from records import clock, sweeps
from records.models import Event, Outbox
from tests import domain
from tests.editorial.readers import EMAIL, again, ask, confirmed, mails

pytestmark = pytest.mark.django_db
SECRET = "zqreadersecretqz"


def days(number):
    return timedelta(days=number)


def held():
    """All that the database holds."""
    return "".join(domain.dump().values())


def answered(published, editor, **given):
    """A question with a secret word in it, answered and told."""
    question = confirmed(text=f"{SECRET}?", publication=published, **given)
    triage.answer_question(question, by=editor, article=published.article)
    assert len(mails()) == 1
    return again(question)


@pytest.mark.engine
def test_by_the_clock_words_and_address_go_once_it_is_closed_long_enough_and_nothing_else_does(published, editor, settings):
    question, waits = answered(published, editor), ask(text="Still waiting?", publication=published)
    kept, today = settings.READER_QUESTION_DAYS, clock.today()
    assert sweeping.sweep(sweeping.READERS, today + days(kept)) == 0
    assert SECRET in held()
    before = Event.objects.count()
    for number in (1, 0):
        assert sweeping.sweep(sweeping.READERS, today + days(kept + 1)) == number
    bare = again(question)
    assert (bare.state, bare.answer, bare.version, bare.text, bare.email) == ("answered", published.article, published.submission.version, "", "")
    assert bare.erased_at
    assert bare.closed_at
    assert again(waits).text == "Still waiting?"
    everything = held()
    assert SECRET not in everything
    assert EMAIL not in everything
    assert Event.objects.filter(act="forget_question").count() == 1
    assert Event.objects.count() > before
    assert invariants.broken() == []


def test_whoever_erases_it_erases_it_everywhere(published, editor):
    ways = (lambda q: triage.erase_question(q, by=editor), asking.erase_own)
    for erase, is_closed in ((erase, is_closed) for erase in ways for is_closed in (True, False)):
        question = answered(published, editor) if is_closed else confirmed(text=f"{SECRET}?", publication=published)
        assert SECRET in held()
        erase(question)
        everything = held()
        assert SECRET not in everything
        assert EMAIL not in everything
        assert again(question).state == ("answered" if is_closed else "declined")
        assert mails() == []
        FormUse.objects.all().delete()  # one address is asked a few times a day only
    assert invariants.broken() == []


@pytest.mark.engine
def test_an_address_that_nobody_confirmed_goes_and_the_question_stays(settings):
    question, today = ask(text="Kept?", email=EMAIL), clock.today()
    assert sweeping.sweep(sweeping.READERS, today + days(settings.READER_CONFIRM_DAYS)) == 0
    assert again(question).email
    for number in (1, 0):
        assert sweeping.sweep(sweeping.READERS, today + days(settings.READER_CONFIRM_DAYS + 1)) == number
    assert (again(question).text, again(question).email, again(question).state) == ("Kept?", "", "waiting")
    assert EMAIL not in held()
    assert mails() == []


def test_a_confirmed_address_is_kept_as_long_as_its_reader_waits(settings):
    question = confirmed()
    sweeping.sweep(sweeping.READERS, clock.today() + days(100))
    assert again(question).can_be_written_to


def test_counts_of_senders_go_with_their_hour():
    ask(email=EMAIL)
    assert FormUse.objects.count() == 3
    FormUse.objects.update(until=clock.now() - days(1))
    sweeping.sweep(sweeping.READERS, clock.today())
    assert not FormUse.objects.exists()


def test_one_that_cannot_be_erased_keeps_no_other_back(published, editor, settings, monkeypatch):
    first, second = answered(published, editor), answered(published, editor)
    erase = questions.erase

    def poison(question, **how):
        if question.pk == first.pk:
            raise ValueError(SECRET)
        return erase(question, **how)

    monkeypatch.setattr(questions, "erase", poison)
    done = forgetting.forget_due(clock.today() + days(settings.READER_QUESTION_DAYS + 1))
    assert (done, done.failed, done.error) == (1, 1, "ValueError")
    assert (again(first).erased_at, bool(again(second).erased_at)) == (None, True)


def test_a_clock_that_jumps_erases_nothing(published, editor):
    question = answered(published, editor)
    sweeping.sweep(sweeping.READERS, clock.today())
    assert sweeping.sweep(sweeping.READERS, clock.today() + days(sweeps.MOST_DAYS + 1)) == 0
    assert again(question).text
    assert [sweep.name for sweep in sweeps.held()] == [sweeping.READERS]


def test_b6_the_queue_names_ids_alone(published, editor):
    answered(published, editor)
    queued = repr(list(Outbox.objects.values())) + repr([delivery for row in Outbox.objects.all() for delivery in row.deliveries.values()]) + repr(list(Event.objects.values()))
    assert SECRET not in queued
    assert EMAIL not in queued
