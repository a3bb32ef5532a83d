"""What each act leaves behind when it is done, and that doing it again changes nothing more."""

import pytest

from records.errors import NotReady
from records.models import Event, Outbox
from reviews.models import Signature
from tests import acts, domain
from tests.scale import examples

# act: (in which situation, by whom, events, messages, what is signed, the sentence when it is repeated)
EFFECTS = {
    "create_draft": ("draft", "owner", "create_draft", "", "", None),
    "submit": ("draft", "owner", "submit", "submitted", "", "already under review"),
    "withdraw": ("invited", "owner", "withdraw cancel_assignment cancel_assignment", "withdrawn review_cancelled review_cancelled", "", "withdrawn by its author"),
    "assign": ("submitted", "editor", "begin_review assign", "invited", "", "Is asked already"),
    "assign_all": ("submitted", "editor", "begin_review assign", "invited", "", "Is asked already"),
    "cancel_assignment": ("invited", "editor", "cancel_assignment", "review_cancelled", "", "it is cancelled"),
    "replace_reviewer": ("invited", "editor", "cancel_assignment assign", "review_cancelled invited", "", "it is cancelled"),
    "pass_minor": ("minor change", "editor", "pass_minor publish_minor supersede", "published", "editorial_approval", "approved already"),
    "override_policy": ("signed", "second editor", "override_policy", "", "", "nothing to override"),
    "question_approval": ("live", "editor", "question_approval open_re_review", "approval_in_question re_review_opened", "", "on record already"),
    "set_aside": ("against", "editor", "set_aside", "", "", "set aside already"),
    "record_conflict": ("signed", "editor", "record_conflict set_aside", "", "", "on record already"),
    "waive_unsure": ("unsure", "editor", "waive_unsure", "interests_waived", "", "no bar already"),
    "accept_finding": ("submitted", "editor", "accept_finding", "", "", "accepted already"),
    "request_changes": ("reviewed", "editor", "request_changes", "changes_requested", "", "Changes were requested"),
    "decline_submission": ("submitted", "editor", "decline", "declined", "", "was declined"),
    "approve": ("reviewed", "editor", "approve", "approved", "editorial_approval", "approved already"),
    "decide": ("reviewed", "editor", "approve publish", "published", "editorial_approval", "approved already"),
    "publish": ("approved", "editor", "publish", "published", "", "published already"),
    "publish (at a time)": ("approved", "editor", "schedule", "scheduled", "", "published already"),
    "cancel_publication": ("scheduled", "editor", "cancel_publication", "publication_cancelled", "", "is cancelled"),
    "withhold": ("live", "editor", "withhold", "withheld", "", "is withheld"),
    "restore": ("withheld", "editor", "restore", "restored", "", "is public"),
    "take_down_overdue": ("live", "system", "take_down", "page_taken_down", "", "is withheld"),
    "propose_retraction": ("live", "editor", "propose_retraction", "retraction_proposed", "retraction_proposed", "proposed this already"),
    "confirm_retraction": ("proposed", "second editor", "confirm_retraction", "retracted", "retraction_confirmed", "is retracted"),
    "change_address": ("live", "editor", "change_address", "", "", "Give a new address"),
    "open_re_review": ("live", "editor", "open_re_review", "re_review_opened", "", "is open already"),
    "reaffirm": ("re-review read", "editor", "reaffirm take_review", "reaffirmed", "reaffirmation", "approved already"),
    "bring_forward": ("live", "editor", "bring_forward", "review_brought_forward", "", "Give an earlier day"),
    "advise_retraction": ("re-review read", "editor", "advise_retraction", "", "", "on record already"),
    "decide_evidence": ("evidence changed", "editor", "decide_evidence", "", "", "decided already"),
    "overtake": ("re-review", "editor", "overtake", "overtaken", "", "has overtaken this"),
    "accept": ("invited", "assigned reviewer", "accept", "review_accepted", "", "accepted this review already"),
    "decline": ("invited", "assigned reviewer", "decline", "review_declined", "", "was declined"),
    "declare": ("accepted", "assigned reviewer", "declare", "", "", "declared exactly this already"),
    "recommend": ("opened", "assigned reviewer", "recommend", "review_signed", "recommendation", "signed already"),
    "revoke": ("signed", "assigned reviewer", "revoke", "review_revoked", "revocation", "no signature of yours"),
    "answer_comment": ("signed", "owner", "answer_comment", "", "", None),
    "take_suggestion": ("signed", "owner", "take_suggestion", "", "", "taken already"),
    "reply_to_comment": ("signed", "owner", "reply_to_comment", "comment_replied", "", "said this already"),
    "close_comment": ("signed", "assigned reviewer", "close_comment", "", "", "closed already"),
    "reopen_comment": ("settled", "editor", "reopen_comment", "comment_reopened", "", "is not closed"),
    "confirm": ("second round", "assigned reviewer", "close_comment recommend", "review_signed", "recommendation", "no open points"),
}
STATEFUL = {"submission", "reviewassignment", "publication"}
# A reviewer's own notes and a draft's saves: they have a history, or nobody else reads them yet.
WITHOUT_AN_EVENT = {"revise", "restore_draft", "comment", "edit_comment", "discard_comment", "answer_references"}


def _tried_in(act):
    """(situation, role) in which an act is done."""
    if act in EFFECTS:
        return EFFECTS[act][:2]
    return ("draft", "owner") if act in {"revise", "restore_draft"} else ("opened", "assigned reviewer")


def test_every_act_is_tried():
    assert set(EFFECTS) | WITHOUT_AN_EVENT == set(acts.ACTS)


@pytest.mark.django_db
@pytest.mark.parametrize(("act", "situation"), [pytest.param(act, situation, id=act) for act, (situation, *_) in EFFECTS.items()])
def test_an_act_leaves_its_events_its_messages_and_its_signature_and_repeated_nothing_more(act, situation, world):
    _, role, events, messages, signed, again = EFFECTS[act]
    number, sent, signatures = Event.objects.count(), set(Outbox.objects.values_list("pk", flat=True)), Signature.objects.count()
    result = acts.take(act, world, world[role])
    new = list(Event.objects.order_by("number"))[number:]
    assert sorted(event.act for event in new) == sorted(events.split())
    assert {event.by for event in new} == {world[role]}
    assert all(event.after and event.at for event in new if event.object_type.split(".")[-1] in STATEFUL)
    posted = Outbox.objects.exclude(pk__in=sent)
    assert sorted(posted.values_list("kind", flat=True)) == sorted(messages.split())
    assert {row.object_id for row in posted} <= {event.object_id for event in new}
    assert [s.meaning for s in Signature.objects.order_by("-signed_at")[: Signature.objects.count() - signatures]] == signed.split()
    assert result is not None
    if again is None:
        return
    before = domain.digest()
    with pytest.raises(NotReady, match=again):
        acts.take(act, world, world[role])
    assert domain.differences(before, domain.digest()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("situation", ["opened"])
@pytest.mark.parametrize("act", sorted(WITHOUT_AN_EVENT - {"restore_draft", "revise"}))
def test_what_a_reviewer_notes_before_signing_is_nobodys_business(act, situation, world):
    number, sent = Event.objects.count(), Outbox.objects.count()
    acts.take(act, world, world["assigned reviewer"])
    assert (Event.objects.count(), Outbox.objects.count()) == (number, sent)


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize(("act", "situation"), [pytest.param(act, _tried_in(act)[0], id=act) for act in acts.ACTS])
def test_e8_f10_an_act_that_ends_after_any_of_its_writes_leaves_nothing_at_all(act, situation, world):
    """The state after each write is tried, in `make test` after every third; what is only read changes nothing."""
    role, before, writes, step = _tried_in(act)[1], domain.digest(), 1, examples(3, 1)
    finished = False
    while not finished:
        with domain.statements(stop_after=writes) as spy:
            try:
                acts.take(act, world, world[role])
                finished = True
            except domain.Crash:
                assert domain.differences(before, domain.digest()) == [], f"after write {writes}: {spy.sent[-1][:80]}"
                writes += step
    assert writes - step <= spy.writes < writes
    assert domain.differences(before, domain.digest()) != []
