"""One article at every point of its life, and everyone who may come near it: made by the acts alone."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, Reference
from editorial import publishing, roles, workflow
from editorial.models import EvidenceCase
from records import clock
from records.models import system_user
from reviews import reviewing
from tests import builders
from tests.builders import fresh

ROLES = (
    "plain user", "owner", "co-author", "other author", "assigned reviewer", "unassigned reviewer", "removed reviewer",
    "editor", "second editor", "editor with a hand", "administrator", "superuser", "system",
)  # fmt: skip


def make_people():
    """One person for each role, and a second reviewer, since an approval takes two."""
    make, member = builders.make_user, builders.make_member
    return {
        "plain user": make("Olga Outsider"),
        "owner": make("Olaf Owner", roles.AUTHOR),
        "co-author": make("Cora Coauthor", roles.AUTHOR),
        "other author": make("Otis Other", roles.AUTHOR),
        "assigned reviewer": member("Rita Reviewer"),
        "unassigned reviewer": member("Uwe Unassigned"),
        "removed reviewer": member("Remo Removed"),
        "second reviewer": member("Petra Panel", "General practice"),
        "editor": make("Edna Editor", roles.EDITOR),
        "second editor": make("Erik Editor", roles.EDITOR, roles.CHIEF),
        "editor with a hand": make("Hanna Hand", roles.EDITOR, roles.AUTHOR),
        "administrator": make("Adam Admin", roles.ADMINISTRATOR),
        "superuser": make("Susan Super", superuser=True),
        "system": system_user(),
    }


@dataclass
class World:
    """The people, and the rows that acts are about; None where there is no such row yet."""

    people: dict[str, Any] = field(default_factory=make_people)
    article: Any = None
    submission: Any = None
    assignment: Any = None
    removed: Any = None
    comment: Any = None
    publication: Any = None
    case: Any = None
    seen: int | None = None
    small: bool = False

    def __getitem__(self, role):
        return self.people[role]

    def again(self, name):
        """A row as it stands now."""
        row = getattr(self, name)
        return None if row is None else type(row).objects.get(pk=row.pk)

    @property
    def draft_number(self):
        """The save of the draft that people have before them: the last one, or the one that was `seen`."""
        return self.seen or self.again("article").draft_number

    # ---- Steps, each by whoever takes it

    def draft(self):
        """A draft of three authors, saved twice, with a reference that nothing cites."""
        hands = [self["owner"], self["co-author"], self["editor with a hand"]]
        kind = builders.make_type("note", approvals=1) if self.small else builders.make_type(after_grace="notice")
        self.article = builders.make_article(self["owner"], article_type=kind, authors=hands)
        if self.small:
            return
        spare, _ = Reference.objects.get_or_create(doi="10.1000/spare", defaults={"title": "Spare", "source": "Journal", "year": 2021})
        changes = Changes(fields={"summary": "What helps, in short."}, citations=[CitationChange("spare", spare)])
        drafting.revise(self.article, by=self["owner"], draft_number=1, changes=changes)

    def submit(self):
        """The draft goes before the board."""
        self.submission = builders.submit(self.article, self["owner"])
        self.assignment = self.removed = self.comment = None

    def invite(self):
        """Three are asked, and one of them is taken back; in a small world one."""
        if self.small:
            [self.assignment] = builders.assign(self.submission, self["editor"], self["assigned reviewer"])
            return
        names = ("assigned reviewer", "second reviewer", "removed reviewer")
        self.assignment, self.other, self.removed = builders.assign(self.submission, self["editor"], *(self[name] for name in names))
        workflow.cancel_assignment(self.removed, by=self["editor"], reason="Not needed any more.")

    def accept(self):
        """The reviewer takes it on."""
        reviewing.accept(self.assignment, by=self["assigned reviewer"], named_in_public=True)

    def declare(self, conclusion="no_conflict", words=""):
        """The reviewer declares, and the text opens."""
        digest = self.submission.version.digest
        reviewing.declare(self.assignment, by=self["assigned reviewer"], digest=digest, conclusion=conclusion, words=words)

    def comments(self, kind="suggestion"):
        """The reviewer writes a comment for the author; a suggestion brings its words."""
        self.comment = reviewing.comment(
            self.assignment, by=self["assigned reviewer"], text="Say how far to walk.", kind=kind, audience="professional", block="b2", quote="Walk",
            replacement="Stroll" if kind == "suggestion" else "",
        )  # fmt: skip

    def sign(self, recommendation="approve"):
        """The reviewer signs."""
        recommend(self.again("assignment"), self["assigned reviewer"], recommendation)

    def second_opens(self):
        """The second reviewer accepts and opens the text."""
        if not self.small:
            builders.open_text(self.other, self["second reviewer"], named=False)

    def second_signs(self):
        """The second reviewer signs."""
        if not self.small:
            recommend(type(self.other).objects.get(pk=self.other.pk), self["second reviewer"])

    def approve(self):
        """An editor approves."""
        builders.approve(self.submission, self["editor"])

    def publish(self, at=None):
        """An editor publishes."""
        self.publication = publishing.publish(self.submission, by=self["editor"], at=at)

    def open_re_review(self):
        """An editor has the words read again."""
        self.submission = workflow.open_re_review(self.publication, by=self["editor"])
        self.assignment = self.removed = self.comment = None

    def evidence_changes(self):
        """A work that it cites is corrected, and an editor is to say what that means."""
        builders.happened(Reference.objects.get(doi="10.1000/guide"), "correction")
        self.case = EvidenceCase.objects.get(article=self.article)

    def reviewed(self):
        """From the invitation to both signatures."""
        self.invite()
        self.accept()
        self.declare()
        self.comments()
        self.sign()
        self.second_opens()
        self.second_signs()


def recommend(assignment, by, recommendation="approve"):
    """Answer for every reference, and sign."""
    version = assignment.submission.version
    answers = {ref.pk: "supports" for ref in version.references.all()}
    return reviewing.recommend(
        assignment, by=by, signing=fresh(by), digest=version.digest, recommendation=recommendation, answers=answers
    )


# ---- Situations: each begins where another ends

REACHED_BY = {
    "draft": ("", lambda w: w.draft()),
    "submitted": ("draft", lambda w: w.submit()),
    "invited": ("submitted", lambda w: w.invite()),
    "accepted": ("invited", lambda w: w.accept()),
    "opened": ("accepted", lambda w: (w.declare(), w.comments())),
    "unsure": ("accepted", lambda w: w.declare("unsure", "My brother works for the maker.")),
    "signed": ("opened", lambda w: (w.sign(), w.second_opens())),
    "reviewed": ("signed", lambda w: w.second_signs()),
    "against": ("accepted", lambda w: (w.declare(), w.comments("must_fix"), w.sign("changes"))),
    "turned down": ("invited", lambda w: reviewing.decline(w.assignment, by=w["assigned reviewer"])),
    "changes requested": ("against", lambda w: workflow.request_changes(w.submission, by=w["editor"], note="Answer the comment.")),
    "second round": ("changes requested", lambda w: again(w)),
    "settled": ("second round", lambda w: reviewing.close_comment(w.comment, by=w["assigned reviewer"])),
    "declined": ("invited", lambda w: workflow.decline_submission(w.submission, by=w["editor"], reason="Not for us.")),
    "withdrawn": ("opened", lambda w: workflow.withdraw(w.submission, by=w["owner"])),
    "approved": ("reviewed", lambda w: w.approve()),
    "scheduled": ("approved", lambda w: w.publish(at=clock.now() + timedelta(days=1))),
    "called off": ("scheduled", lambda w: publishing.cancel_publication(w.publication, by=w["editor"], reason="Not yet.")),
    "live": ("approved", lambda w: w.publish()),
    "minor change": ("live", lambda w: tidy(w)),
    "withheld": ("live", lambda w: publishing.withhold(w.publication, by=w["editor"], reason="A dose is being checked.")),
    "evidence changed": ("live", lambda w: w.evidence_changes()),
    "re-review": ("live", lambda w: w.open_re_review()),
    "re-review read": ("re-review", lambda w: w.reviewed()),
    "overtaken": ("re-review", lambda w: (w.invite(), w.accept(), replace(w))),
    "proposed": ("live", lambda w: propose(w)),
    "retracted": ("proposed", lambda w: publishing.confirm_retraction(w.publication, by=w["second editor"], signing=fresh(w["second editor"]))),
}  # fmt: skip
SITUATIONS = tuple(REACHED_BY)


def again(w):
    """The passage of the must-fix comment is changed, and the same reviewer has the next version open; the world keeps that comment."""
    about = w.comment
    builders.revise(w.article, w["owner"], professional=builders.PROFESSIONAL.replace("Walk every", "Walk one mile every"))
    w.article = w.again("article")
    w.submit()
    w.invite()
    w.accept()
    w.declare()
    w.comment = about


def tidy(w):
    """A second version is submitted that differs in nothing to see: a blank line more."""
    builders.revise(w.article, w["owner"], plain=builders.PLAIN.replace("\n\nWalk", "\n\n\nWalk"))
    w.article = w.again("article")
    w.submit()


def propose(w):
    """The first half of a retraction."""
    publishing.propose_retraction(
        w.publication, by=w["editor"], signing=fresh(w["editor"]), notice="The board takes this article back.", reason="unreliable"
    )


def replace(w):
    """A second version goes the whole way and becomes public beside an open re-review; the world stays about the first."""
    builders.revise(w.article, w["owner"], plain="Keep moving. Rest does not help.[@guide]\n")
    second = World(small=w.small, people=w.people, article=Article.objects.get(pk=w.article.pk))
    second.submit()
    second.reviewed()
    second.approve()
    second.publish()


def make_world(situation, people=None, *, small=False):
    """The article in this situation; a small one asks for a single approval."""
    steps, name = [], situation
    while name:
        name, step = REACHED_BY[name]
        steps.append(step)
    world = World(people=people or make_people(), small=small)
    for step in reversed(steps):
        step(world)
    return world
