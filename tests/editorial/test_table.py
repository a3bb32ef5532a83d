"""The whole table: in every situation, every person tries every act. Who may, when it is ready, and that a refusal writes nothing."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from records.errors import NotReady
from tests import acts, domain, worlds

AUTHORS = "owner, co-author, editor with a hand"
WRITERS = f"{AUTHORS}, other author, superuser"
EDITORS = "editor, second editor, editor with a hand, superuser"
DECIDERS = "editor, second editor, superuser"
REVIEWER = "assigned reviewer"

SECOND = "second round, settled"
OPEN_NEW = f"submitted, minor change, invited, accepted, opened, unsure, signed, reviewed, against, turned down, {SECOND}"
READ = OPEN_NEW.removeprefix("submitted, minor change, ")
ENDED = "changes requested, declined, withdrawn, approved, scheduled, called off"
PUBLIC = "live, evidence changed, minor change, re-review, re-review read, proposed"
SUGGESTED = "signed, reviewed, approved, scheduled, called off, live, evidence changed, withheld, re-review read, proposed, retracted"
SENT = f"{SUGGESTED}, against, changes requested, second round"
EVERYWHERE = ", ".join(worlds.SITUATIONS)

# act: (who may, where it is done). Anyone else is refused; anywhere else it is not ready.
TABLE = {
    "create_draft": (WRITERS, EVERYWHERE),
    "revise": (AUTHORS, EVERYWHERE),
    "restore_draft": (AUTHORS, EVERYWHERE),
    "submit": (AUTHORS, f"draft, {ENDED}, live, evidence changed, withheld, re-review, re-review read, overtaken, proposed"),
    "withdraw": (AUTHORS, OPEN_NEW),
    "assign": (DECIDERS, f"{OPEN_NEW}, re-review, re-review read"),
    "assign_all": (DECIDERS, f"{OPEN_NEW}, re-review, re-review read"),
    "cancel_assignment": (DECIDERS, f"invited, accepted, opened, unsure, {SECOND}"),
    "replace_reviewer": (DECIDERS, f"invited, accepted, opened, unsure, {SECOND}"),
    "set_aside": (DECIDERS, "against"),
    "record_conflict": (DECIDERS, f"invited, accepted, opened, unsure, signed, reviewed, against, {SECOND}, approved, scheduled, called off"),
    "waive_unsure": (DECIDERS, "unsure"),
    "accept_finding": (DECIDERS, OPEN_NEW),
    "request_changes": (DECIDERS, f"{READ}, re-review read"),
    "decline_submission": (EDITORS, f"{OPEN_NEW}, re-review, re-review read"),
    "approve": (DECIDERS, "reviewed"),
    "decide": (DECIDERS, "reviewed"),
    "pass_minor": (DECIDERS, "minor change"),
    "override_policy": ("second editor, superuser", "signed"),
    "publish": (EDITORS, "approved, called off"),
    "publish (at a time)": (EDITORS, "approved, called off"),
    "cancel_publication": (EDITORS, "scheduled"),
    "withhold": (f"{EDITORS}, system", PUBLIC),
    "restore": (EDITORS, "withheld"),
    "take_down_overdue": (f"{EDITORS}, system", PUBLIC),
    "propose_retraction": (DECIDERS, f"{PUBLIC}, withheld"),
    "confirm_retraction": ("second editor, superuser", "proposed"),
    "change_address": (EDITORS, f"{PUBLIC}, withheld, overtaken, retracted"),
    "bring_forward": (EDITORS, f"{PUBLIC}, withheld"),
    "question_approval": (EDITORS, f"{PUBLIC}, withheld"),
    "open_re_review": (f"{EDITORS}, system", "live, evidence changed, minor change, withheld, proposed"),
    "reaffirm": (DECIDERS, "re-review read"),
    "advise_retraction": (DECIDERS, "re-review read"),
    "decide_evidence": (DECIDERS, "evidence changed"),
    "overtake": (EDITORS, "re-review, re-review read"),
    "accept": (REVIEWER, "invited"),
    "decline": (REVIEWER, f"invited, accepted, opened, unsure, {SECOND}"),
    "declare": (REVIEWER, f"accepted, opened, unsure, {SECOND}"),
    "comment": (REVIEWER, f"opened, unsure, {SECOND}"),
    "edit_comment": (REVIEWER, "opened"),
    "discard_comment": (REVIEWER, "opened"),
    "answer_references": (REVIEWER, f"opened, unsure, {SECOND}"),
    "recommend": (REVIEWER, "opened, settled"),
    "revoke": (REVIEWER, "signed, reviewed, against, re-review read"),
    "answer_comment": (AUTHORS, SENT),
    "take_suggestion": (AUTHORS, SUGGESTED),
    "reply_to_comment": (f"{REVIEWER}, {DECIDERS}, {AUTHORS}", SENT),
    "close_comment": (f"{REVIEWER}, {DECIDERS}", SENT),
    "reopen_comment": (f"{REVIEWER}, {DECIDERS}", "settled"),
    "confirm": (REVIEWER, "second round"),
}

# A review that was declined or cancelled opens nothing: its reviewer is refused like anybody else.
OVER = {"turned down", "declined", "withdrawn", "overtaken"}
OF_A_REVIEW = {
    "accept", "declare", "comment", "edit_comment", "discard_comment", "answer_references", "recommend", "revoke", "close_comment",
    "reply_to_comment", "reopen_comment", "confirm",
}  # fmt: skip


def expected(act, situation, role):
    """What the table says: done, refused (to this person), not ready."""
    may, done_in = (set(part.split(", ")) for part in TABLE[act])
    if act == "decline" and role == "removed reviewer":
        return "not ready"  # told that it was cancelled
    if act == "confirm_retraction" and situation not in {"proposed", "retracted"}:
        may = set(DECIDERS.split(", "))
    if act == "decline_submission" and (situation.startswith("re-review") or situation == "overtaken"):
        may = set(DECIDERS.split(", "))  # it ends what reads the public words again
    if act in {"answer_comment", "take_suggestion", "reply_to_comment"} and situation not in f"{SENT}, settled".split(", "):
        may = may & {REVIEWER}  # what was not sent is known to its reviewer alone
    if act in OF_A_REVIEW and situation in OVER:
        may = may - {REVIEWER}
    if role not in may:
        return "refused"
    return "done" if situation in done_in else "not ready"


def outcome(act, world, role, before):
    """What came of the act, taken back at once; a refusal that has written anything says so."""
    with transaction.atomic(), domain.statements() as spy:
        try:
            acts.take(act, world, world[role])
            found = "done"
        except PermissionDenied:
            found = "refused"
        except NotReady:
            found = "not ready"
        if found != "done" and spy.writes and (changed := domain.differences(before, domain.digest())):
            found += f", but wrote {changed}"
        if found == "done" and not spy.writes:
            found = "done, but wrote nothing"
        transaction.set_rollback(True)
    return found


def test_every_act_stands_in_the_table():
    assert {acts.act_of(act) for act in TABLE} == set(acts.every_act())
    assert list(TABLE) == list(acts.ACTS)


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize("situation", worlds.SITUATIONS)
def test_a2_every_act_of_every_person_is_done_refused_or_not_ready_as_the_table_says(situation, world, report):
    before, rows, wrong = domain.digest(), [], []
    for act in TABLE:
        if not acts.has_subject(act, world):
            rows.append([act, *("·" for _ in worlds.ROLES)])
            continue
        found = {role: outcome(act, world, role, before) for role in worlds.ROLES}
        wrong += [f"{act} by {role}: {what}, not {expected(act, situation, role)}" for role, what in found.items() if what != expected(act, situation, role)]
        rows.append([act, *found.values()])
    assert domain.differences(before, domain.digest()) == []
    report(f"States × roles × acts: {situation}", ["act", *worlds.ROLES], rows)
    assert "\n".join(wrong) == ""
