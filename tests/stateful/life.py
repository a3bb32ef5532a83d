"""What the machine of machine.py lives in: people, six articles at six points of their lives, and who usually does what."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, Reference
from editorial import publishing, workflow
from editorial.models import EvidenceCase, Publication
from records import clock
from records.models import User
from reviews import reviewing
from reviews.models import Comment, ReviewAssignment, Submission
from tests import builders, worlds
from tests.builders import fresh

START = datetime(2027, 11, 29, 21, 30, tzinfo=UTC)
SITUATIONS = ("draft", "opened", "approved", "live", "withheld", "re-review read")
REVIEWERS = ("assigned reviewer", "unassigned reviewer", "second reviewer")

# act → who usually takes it; others try too
USUAL = {
    "create_draft": "owner", "revise": "owner", "restore_draft": "co-author", "submit": "owner", "withdraw": "owner", "answer_comment": "owner",
    "take_suggestion": "owner", "reply_to_comment": "owner", "confirm": "the reviewer",
    "accept": "the reviewer", "decline": "the reviewer", "declare": "the reviewer", "comment": "the reviewer", "edit_comment": "the reviewer",
    "discard_comment": "the reviewer", "answer_references": "the reviewer", "recommend": "the reviewer", "revoke": "the reviewer",
    "close_comment": "the reviewer", "confirm_retraction": "second editor", "override_policy": "second editor",
}  # fmt: skip
OTHERWISE = "editor"


@dataclass
class Life:
    """Everybody, and the articles; made once, before the first example."""

    people: dict[str, User]
    articles: list[Any] = field(default_factory=list)


def begin():
    """The people and the articles, on the day on which everything starts."""
    with clock.as_of(START):
        people = worlds.make_people()
        builders.make_type("note", approvals=1, after_grace="notice", grace_days=30)
        articles = [worlds.make_world(situation, people, small=True).article for situation in SITUATIONS]
        spare, _ = Reference.objects.get_or_create(doi="10.1000/spare", defaults={"title": "Spare", "source": "Journal", "year": 2021})
        drafting.revise(articles[0], by=people["owner"], draft_number=1, changes=Changes(citations=[CitationChange("spare", spare)]))
        return Life(people, [article.pk for article in articles])


class Desk:
    """One article as the acts of tests/acts.py take it: the rows that they are about, as they stand, newest first."""

    small = True
    seen = None
    removed = None

    def __init__(self, life, article, pick):
        self.people = life.people
        self.article = Article.objects.get(pk=article)
        self.submission = pick(Submission.objects.filter(article=article).select_related("version").order_by("-submitted_at"))
        mine = ReviewAssignment.objects.filter(submission=self.submission).select_related("submission__version", "member__person")
        self.assignment = pick(mine.order_by("-assigned_at"))
        self.comment = pick(Comment.objects.filter(assignment__submission__article=article, to=Comment.To.AUTHOR).select_related("assignment").order_by("-pk"))
        self.publication = pick(Publication.objects.filter(article=article).select_related("submission__version").order_by("-submission__version__number"))

        self.case = pick(EvidenceCase.objects.filter(article=article).select_related("event", "outcome").order_by("-opened_at"))

    def __getitem__(self, role):
        """A person as their next request finds them."""
        return User.objects.get(pk=self.people[role].pk)

    def again(self, name):
        """A row as it stands now."""
        row = getattr(self, name)
        return None if row is None else type(row).objects.get(pk=row.pk)

    @property
    def draft_number(self):
        """The save of the draft that people have before them."""
        return self.article.draft_number

    def usual(self, act):
        """The name of whoever usually takes this act here."""
        who = IN_OTHER_WORDS[act][1] if act in IN_OTHER_WORDS else USUAL.get(act, OTHERWISE)
        if who != "the reviewer":
            return who
        asked = self.comment.assignment if act in {"edit_comment", "discard_comment", "close_comment"} and self.comment else self.assignment
        return next((name for name in REVIEWERS if asked and self.people[name].pk == asked.member.person.user_id), REVIEWERS[0])


# ---- The next sensible step


def onward(desk):
    """Take the article one step further on its way to the public page, and from there into the next review; the name of the step."""
    submission = Submission.objects.open().filter(article=desk.article).select_related("version").order_by("submitted_at").first()
    if submission is not None:
        return _through_review(desk, submission)
    newest = Submission.objects.filter(article=desk.article, state="approved").exclude(kind="re_review").order_by("-version__number").first()
    shown = Publication.objects.standing().filter(article=desk.article).first()
    if newest is not None and not newest.publications.exclude(state="cancelled").exists():
        publishing.publish(newest, by=desk["editor"])
        return "publish"
    if shown is not None and shown.state == "withheld":
        publishing.restore(shown, by=desk["editor"])
        return "restore"
    if shown is not None:
        workflow.open_re_review(shown, by=desk["editor"])
        return "open_re_review"
    builders.submit(desk.article, desk["owner"])
    return "submit"


def _through_review(desk, submission):
    standing = ReviewAssignment.objects.standing().filter(submission=submission).select_related("submission__version", "member__person").order_by("assigned_at")
    for assignment in standing.exclude(state="completed"):
        by = User.objects.get(pk=assignment.user_id)
        if assignment.state == "assigned":
            reviewing.accept(assignment, by=by, named_in_public=True)
            return "accept"
        if assignment.opened_at is None:
            reviewing.declare(assignment, by=by, digest=submission.version.digest, conclusion="no_conflict")
            return "declare"
        worlds.recommend(assignment, by)
        return "recommend"
    if not standing.exists():
        tried = set(ReviewAssignment.objects.filter(submission=submission).values_list("member__person__user", flat=True))
        free = next((name for name in REVIEWERS if desk.people[name].pk not in tried), REVIEWERS[0])
        workflow.assign(submission, by=desk["editor"], member=desk[free].person.board_member)
        return "assign"
    by = desk["editor"]
    if submission.is_re_review:
        workflow.reaffirm(submission, by=by, signing=fresh(by), digest=submission.version.digest, note="It stands.")
        return "reaffirm"
    workflow.approve(submission, by=by, signing=fresh(by), digest=submission.version.digest)
    return "approve"


# ---- What could be done now, beside the next step

OF_AN_ARTICLE = ("revise", "submit (a minor change)", "restore_draft", "submit", "revise (a reviewer becomes an author)", "change_address", "create_draft")
OF_A_SUBMISSION = {
    "submitted": ("withdraw", "assign", "accept_finding", "decline_submission", "pass_minor"),
    "under_review": (
        "withdraw", "assign", "decline_submission", "request_changes", "approve", "decide", "reaffirm", "reaffirm (sooner)", "advise_retraction", "overtake", "override_policy",
    ),
    "approved": ("publish", "publish (at a time)", "publish (a correction)"),
}  # fmt: skip
OF_A_REVIEW = {
    "assigned": ("accept", "decline", "cancel_assignment", "replace_reviewer", "record_conflict"),
    "accepted": (
        "declare", "declare (unsure)", "declare (conflict)", "waive_unsure", "comment", "answer_references", "recommend", "recommend (minor)",
        "recommend (against)", "recommend (reject)", "recommend (with a suggestion)", "confirm", "decline", "cancel_assignment", "replace_reviewer",
        "record_conflict",
    ),
    "completed": ("revoke", "set_aside", "record_conflict"),
}  # fmt: skip
OF_A_PUBLICATION = {
    "scheduled": ("cancel_publication",),
    "live": ("withhold", "question_approval", "bring_forward", "open_re_review", "propose_retraction", "confirm_retraction", "take_down_overdue"),
    "withheld": ("restore", "question_approval", "open_re_review", "propose_retraction", "confirm_retraction"),
}
OF_A_COMMENT = ("edit_comment", "discard_comment", "answer_comment", "take_suggestion", "reply_to_comment", "close_comment", "reopen_comment")


def fitting(desk):
    """The acts that the rows of an article might be ready for."""
    found = list(OF_AN_ARTICLE)
    for row, table in ((desk.submission, OF_A_SUBMISSION), (desk.assignment, OF_A_REVIEW), (desk.publication, OF_A_PUBLICATION)):
        found += table.get(row.state, ()) if row is not None else ()
    found += ["decide_evidence"] if desk.case is not None and desk.case.decided is None else []
    return found + list(OF_A_COMMENT if desk.comment is not None else ())


# Acts that belong together, one after the other, each by whoever usually takes it.
STORIES = (
    ("recommend", "approve", "publish"),
    ("submit (a minor change)", "pass_minor", "publish"),
    ("replace_reviewer", "accept", "declare", "recommend", "decide", "reaffirm"),
    ("submit", "assign", "accept", "declare", "recommend", "override_policy", "approve"),
    ("propose_retraction", "confirm_retraction"),
    ("publish (at a time)", "cancel_publication", "publish"),
    ("withhold", "open_re_review", "restore"),
    ("assign", "accept", "declare (unsure)", "waive_unsure", "recommend"),
    ("accept", "declare", "comment", "edit_comment", "discard_comment", "answer_references"),
    ("accept", "declare", "recommend (against)", "set_aside", "assign", "accept", "declare", "recommend", "approve", "reaffirm"),
    ("accept", "declare", "recommend (reject)", "revoke", "recommend (minor)", "decide", "reaffirm (sooner)"),
    ("accept", "declare (conflict)", "assign", "assign_all"),
    ("submit", "accept_finding", "assign", "decline", "assign_all", "request_changes", "answer_comment", "close_comment", "submit"),
    ("open_re_review", "assign", "advise_retraction", "overtake"),
    (
        "submit", "assign", "accept", "declare", "recommend (with a suggestion)", "request_changes", "take_suggestion", "submit", "assign", "accept",
        "declare", "confirm",
    ),
)


# ---- What people do besides, in other words than those of tests/acts.py


def _against(desk, by):
    """A must-fix comment, and a recommendation to change it."""
    reviewing.comment(desk.assignment, by=by, text="This dose is too high.", kind="must_fix")
    return _sign(desk, by, "changes")


def _suggest(desk, by):
    """Other words for one passage, and a recommendation to change it."""
    reviewing.comment(
        desk.assignment, by=by, text="Plainer.", kind="suggestion", audience="professional", block="b2", quote="Walk", replacement="Stroll"
    )
    return _sign(desk, by, "changes")


def _sign(desk, by, recommendation):
    answers = {ref.pk: "outdated" for ref in desk.submission.version.references.all()}
    digest = desk.submission.version.digest
    return reviewing.recommend(
        desk.again("assignment"), by=by, signing=fresh(by), digest=digest, recommendation=recommendation, answers=answers, note="Between us."
    )


def _declare(desk, by, conclusion):
    return reviewing.declare(desk.assignment, by=by, digest=desk.submission.version.digest, conclusion=conclusion, words="I advise its maker.")


def _reaffirm_sooner(desk, by):
    words = {"note": "Read it again soon.", "outcome": "bring_forward", "due_on": clock.today() + timedelta(days=45)}
    return workflow.reaffirm(desk.submission, by=by, signing=fresh(by), digest=desk.submission.version.digest, **words)


def _submit_tidied(desk, by):
    """What is public, with a blank line more, is submitted as a minor change."""
    shown = Publication.objects.standing().filter(article=desk.article).first()
    texts = {text.audience: text.source.replace("\n\n", "\n\n\n", 1) for text in shown.submission.version.texts.all()} if shown else {}
    article = drafting.revise(desk.article, by=by, draft_number=desk.draft_number, changes=Changes(texts=texts))
    return workflow.submit(article, by=by, draft_number=article.draft_number, as_minor=True)


def _correct(desk, by):
    return publishing.publish(desk.submission, by=by, change_note="A dose.", correction="The dose was ten times too high.")


def _approve_other_words(desk, by):
    return workflow.approve(desk.submission, by=by, signing=fresh(by), digest="0" * 64)


def _take_in(desk, by):
    """A reviewer becomes an author: from then on they have a hand in it."""
    changes = Changes(authors=[desk["second reviewer"].person], interests={})
    return drafting.revise(desk.article, by=by, draft_number=desk.draft_number, changes=changes)


# name → (the row it needs, who usually does it, how)
IN_OTHER_WORDS = {
    "recommend (against)": ("assignment", "the reviewer", _against),
    "recommend (with a suggestion)": ("assignment", "the reviewer", _suggest),
    "recommend (reject)": ("assignment", "the reviewer", lambda desk, by: _sign(desk, by, "reject")),
    "recommend (minor)": ("assignment", "the reviewer", lambda desk, by: _sign(desk, by, "minor")),
    "declare (unsure)": ("assignment", "the reviewer", lambda desk, by: _declare(desk, by, "unsure")),
    "declare (conflict)": ("assignment", "the reviewer", lambda desk, by: _declare(desk, by, "conflict")),
    "reaffirm (sooner)": ("submission", "editor", _reaffirm_sooner),
    "submit (a minor change)": ("article", "owner", _submit_tidied),
    "publish (a correction)": ("submission", "editor", _correct),
    "approve (other words)": ("submission", "editor", _approve_other_words),
    "revise (a reviewer becomes an author)": ("article", "owner", _take_in),
}
