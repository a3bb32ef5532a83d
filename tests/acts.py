"""Every act of the lifecycle as the tests try it: on which row, with which words, by whom."""

import inspect
from datetime import timedelta

from articles import drafting
from articles.drafting import Changes
from editorial import evidence_watch, publishing, workflow
from records import clock
from reviews import reviewing, rounds
from tests.builders import fresh, make_type

# Helpers of acts, which take their transaction and permit from whoever calls them.
# Opening many re-reviews takes one act for each, in a transaction of its own.
# What the evidence does by itself is nobody's act.
HELPERS = {
    "begin_draft", "publish_held", "take_review", "overtake_held", "show_again", "open_re_reviews", "screen", "take", "follow", "note_superseded", "open_cases",
}  # fmt: skip


def every_act():
    """module.name of each function that somebody takes (`by`), from the six modules of acts."""
    found = {}
    for module in (drafting, reviewing, rounds, workflow, publishing, evidence_watch):
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and (function.__module__ == module.__name__ or name in getattr(module, "__all__", ()))
            if own and not name.startswith("_") and name not in HELPERS and "by" in inspect.signature(function).parameters:
                found[name] = function
    return found


def _answers(w):
    return {ref.pk: "supports" for ref in w.submission.version.references.all()}


def _mine(w, by):
    """The assignment that an act of this person is about: a removed reviewer's is their own."""
    return w.removed if w.removed is not None and by == w["removed reviewer"] else w.assignment


def _true_of(case):
    """An outcome that is true of the article as it stands, if there is one."""
    return (evidence_watch.possible(case) or ["kept"])[0]


# act → (the row it needs, how it is taken)
ACTS = {
    "create_draft": ("people", lambda w, by: drafting.create_draft(by=by, title="Another question?", article_type=make_type())),
    "revise": (
        "article",
        lambda w, by: drafting.revise(
            w.again("article"), by=by, draft_number=w.draft_number, changes=Changes(texts={"plain": "Other words.[@guide]"})
        ),
    ),
    "restore_draft": (
        "article",
        lambda w, by: drafting.restore_draft(w.again("article"), by=by, draft_number=w.draft_number, number=1),
    ),
    "submit": ("article", lambda w, by: workflow.submit(w.article, by=by, draft_number=w.draft_number)),
    "withdraw": ("submission", lambda w, by: workflow.withdraw(w.submission, by=by, note="Not yet.")),
    "assign": ("submission", lambda w, by: workflow.assign(w.submission, by=by, member=w["unassigned reviewer"].person.board_member)),
    "assign_all": ("submission", lambda w, by: workflow.assign_all(w.submission, by=by, members=[w["unassigned reviewer"].person.board_member])),
    "cancel_assignment": ("assignment", lambda w, by: workflow.cancel_assignment(w.assignment, by=by, reason="Late.")),
    "replace_reviewer": (
        "assignment",
        lambda w, by: workflow.replace_reviewer(w.assignment, by=by, member=w["unassigned reviewer"].person.board_member, reason="Silent."),
    ),
    "set_aside": ("assignment", lambda w, by: workflow.set_aside(w.assignment, by=by, reason="The guideline says otherwise.")),
    "record_conflict": ("assignment", lambda w, by: workflow.record_conflict(w.assignment, by=by, words="Shares in its maker.")),
    "waive_unsure": ("assignment", lambda w, by: workflow.waive_unsure(w.assignment, by=by, reason="A brother in sales is no bar.")),
    "accept_finding": (
        "submission",
        lambda w, by: workflow.accept_finding(w.submission, by=by, check="reference.uncited", place="spare", reason="Kept for later."),
    ),
    "request_changes": ("submission", lambda w, by: workflow.request_changes(w.submission, by=by, note="Say how far to walk.")),
    "decline_submission": ("submission", lambda w, by: workflow.decline_submission(w.submission, by=by, reason="Out of scope.")),
    "approve": ("submission", lambda w, by: workflow.approve(w.submission, by=by, signing=fresh(by), digest=w.submission.version.digest)),
    "decide": (
        "submission",
        lambda w, by: workflow.decide(w.submission, by=by, signing=fresh(by), digest=w.submission.version.digest, publish_now=True),
    ),
    "pass_minor": (
        "submission",
        lambda w, by: workflow.pass_minor(w.submission, by=by, signing=fresh(by), digest=w.submission.version.digest, note="A blank line more."),
    ),
    "override_policy": ("submission", lambda w, by: workflow.override_policy(w.submission, by=by, reason="One neurologist is enough for this.")),
    "publish": ("submission", lambda w, by: publishing.publish(w.submission, by=by)),
    "publish (at a time)": ("submission", lambda w, by: publishing.publish(w.submission, by=by, at=clock.now() + timedelta(days=2))),
    "cancel_publication": ("publication", lambda w, by: publishing.cancel_publication(w.publication, by=by, reason="Not yet.")),
    "withhold": ("publication", lambda w, by: publishing.withhold(w.publication, by=by, reason="A dose is being checked.")),
    "restore": ("publication", lambda w, by: publishing.restore(w.publication, by=by)),
    "take_down_overdue": ("publication", lambda w, by: publishing.take_down_overdue(w.publication, by=by, on=clock.today() + timedelta(days=2000))),
    "propose_retraction": (
        "publication",
        lambda w, by: publishing.propose_retraction(w.publication, by=by, signing=fresh(by), notice="We take this back.", reason="unreliable"),
    ),
    "confirm_retraction": ("publication", lambda w, by: publishing.confirm_retraction(w.publication, by=by, signing=fresh(by))),
    "change_address": ("article", lambda w, by: publishing.change_address(w.article, by=by, slug="a-new-address")),
    "bring_forward": (
        "publication",
        lambda w, by: publishing.bring_forward(w.publication, by=by, due_on=clock.today() + timedelta(days=60), reason="A new guideline is out."),
    ),
    "question_approval": (
        "publication",
        lambda w, by: publishing.question_approval(w.publication, by=by, person=w["assigned reviewer"].person, words="Shares in its maker."),
    ),
    "open_re_review": ("publication", lambda w, by: workflow.open_re_review(w.publication, by=by)),
    "reaffirm": ("submission", lambda w, by: workflow.reaffirm(w.submission, by=by, signing=fresh(by), digest=w.submission.version.digest, note="It stands.")),
    "advise_retraction": ("submission", lambda w, by: workflow.advise_retraction(w.submission, by=by, note="Its dose could harm.")),
    "decide_evidence": ("case", lambda w, by: evidence_watch.decide_evidence(w.case, by=by, kind=_true_of(w.case), rationale="One of many trials.")),
    "overtake": ("submission", lambda w, by: workflow.overtake(w.submission, by=by, note="Replaced.")),
    "accept": ("assignment", lambda w, by: reviewing.accept(_mine(w, by), by=by, named_in_public=False)),
    "decline": ("assignment", lambda w, by: reviewing.decline(_mine(w, by), by=by, reason="No time.")),
    "declare": (
        "assignment",
        lambda w, by: reviewing.declare(
            _mine(w, by), by=by, digest=w.submission.version.digest, conclusion="no_conflict", kinds=["professional"], words="I sit on its panel."
        ),
    ),
    "comment": ("assignment", lambda w, by: reviewing.comment(_mine(w, by), by=by, text="Shorter, please.")),
    "edit_comment": ("comment", lambda w, by: reviewing.edit_comment(w.comment, by=by, text="Say how far.", kind="question")),
    "discard_comment": ("comment", lambda w, by: reviewing.discard_comment(w.again("comment"), by=by)),
    "answer_references": (
        "assignment",
        lambda w, by: reviewing.answer_references(_mine(w, by), by=by, answers=dict.fromkeys(_answers(w), "outdated")),
    ),
    "recommend": (
        "assignment",
        lambda w, by: reviewing.recommend(
            _mine(w, by), by=by, signing=fresh(by), digest=w.submission.version.digest, recommendation="approve", answers=_answers(w)
        ),
    ),
    "revoke": ("assignment", lambda w, by: reviewing.revoke(_mine(w, by), by=by, signing=fresh(by), reason="I misread a table.")),
    "answer_comment": ("comment", lambda w, by: reviewing.answer_comment(w.comment, by=by, answer="Two kilometres.")),
    "take_suggestion": ("comment", lambda w, by: reviewing.take_suggestion(w.comment, by=by, draft_number=w.draft_number)),
    "reply_to_comment": ("comment", lambda w, by: reviewing.reply_to_comment(w.comment, by=by, text="How fast?")),
    "close_comment": ("comment", lambda w, by: reviewing.close_comment(w.comment, by=by, reason="Answered.")),
    "reopen_comment": ("comment", lambda w, by: reviewing.reopen_comment(w.comment, by=by, reason="It is not said yet.")),
    "confirm": (
        "assignment",
        lambda w, by: rounds.confirm(_mine(w, by), by=by, signing=fresh(by), digest=w.submission.version.digest, answers=_answers(w)),
    ),
}


def act_of(row):
    """The function behind a row: `publish (at a time)` is publish."""
    return row.split(" ")[0]


def take(act, world, by):
    """Let somebody take an act in a world; its refusal goes through."""
    return ACTS[act][1](world, by)


def has_subject(act, world):
    """Whether the row that the act is about is there."""
    return getattr(world, ACTS[act][0]) is not None
