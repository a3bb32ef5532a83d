"""A story with a secret word in every field: which of them the public may know is said beside each."""

import re
from datetime import date, timedelta
from uuid import uuid4

from django.utils import timezone

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, Reference, Topic
from editorial import asking, previews, publishing, roles, triage, workflow
from records import links
from records.models import AccessLink, Affiliation, PersonalTie
from reviews import outside, reviewing
from reviews.models import BoardMember
from tests import builders
from tests.builders import fresh
from tests.worlds import recommend

WORD = re.compile(r"zq[a-z0-9]+qz")
KNOWN = set()


def word(name):
    """The secret word of a field."""
    found = f"zq{name.replace(' ', '').replace('_', '')}qz"
    KNOWN.add(found)
    return found


def words_in(text):
    """The secret words in a text; among thousands of pages a random token may look like one that nobody gave out."""
    return KNOWN.intersection(WORD.findall(text))


FIELDS = ("title", "summary", "funding", "sponsor", "professional", "plain", "interests", "reference")


def version_words(number):
    """The words of all that a version shows."""
    return {word(f"{name}{number}") for name in FIELDS}


class Story:
    """One article from its draft to its retraction, with a second one beside it that is never submitted."""

    def __init__(self):
        make, member = builders.make_user, builders.make_member
        self.owner = make("Olaf Owner", roles.AUTHOR, email=f"{word('mailowner')}@example.org")
        self.other = make("Otis Other", roles.AUTHOR, email=f"{word('mailother')}@example.org")
        self.editor = make("Edna Editor", roles.EDITOR, email=f"{word('maileditor')}@example.org")
        self.editor2 = make("Erik Editor", roles.EDITOR, email=f"{word('maileditor2')}@example.org")
        self.named = member("Nora Named")
        self.unnamed = member(f"Umberto {word('unnamedreviewer')}", "General practice")
        self.unasked = member("Una Unasked")
        self.outsider = make("Olga Outsider", email=f"{word('mailoutsider')}@example.org")
        self.superuser = make("Susan Super", superuser=True)
        BoardMember.objects.filter(person=self.unnamed.person).update(is_public=False, biography=word("hiddenbiography"), interests=word("hiddeninterests"))
        Affiliation.objects.filter(person=self.owner.person).update(institution=word("authorsinstitution"))
        Affiliation.objects.create(person=self.unnamed.person, institution=word("hiddeninstitution"), since=date(2020, 1, 1))
        PersonalTie.objects.create(one=self.owner.person, other=self.named.person, kind="family", since=date(2000, 1, 1), note=word("tienote"))
        self.topic = Topic.objects.create(name="Nerves", slug="nerves")
        self.article = None
        self.never = builders.make_article(self.other, title=f"Never {word('nevertitle')}", texts={"plain": word("nevertext"), "professional": word("nevertext")})

    def words(self, number):
        """What one save of the draft says."""
        reference, _ = Reference.objects.get_or_create(doi=f"10.1000/{number}", defaults={"title": word(f"reference{number}"), "source": "J", "year": 2024})
        texts = {name: f"Walk. {word(f'{name}{number}')}[@key]\n\n## More\n\nWalk on." for name in ("professional", "plain")}
        fields = {name: f"Of {word(f'{name}{number}')}" for name in ("title", "summary", "funding", "sponsor")}
        return Changes(
            texts=texts, fields=fields, citations=[CitationChange("key", reference)], interests={self.owner.person.pk: word(f"interests{number}")},
            topics=[self.topic],
        )  # fmt: skip

    def draft(self):
        changes = self.words(1)
        self.article = drafting.create_draft(
            by=self.owner, title=changes.fields["title"], article_type=builders.make_type(), changes=changes, identity=word("identity"), reason=word("savereason")
        )
        previews.make(self.article, by=self.owner, days=30)

    def save(self, number):
        self.article = Article.objects.get(pk=self.article.pk)
        drafting.revise(self.article, by=self.owner, draft_number=self.article.draft_number, changes=self.words(number), reason=word("savereason"))

    def submit(self):
        self.submission = builders.submit(self.article, self.owner)

    def review(self):
        """Two reviewers, one of them unnamed, read it and say a good deal."""
        assign = workflow.assign
        first = assign(self.submission, by=self.editor, member=self.named.person.board_member, override_reason=word("override"))
        second = assign(self.submission, by=self.editor, member=self.unnamed.person.board_member)
        for assignment, by, named in ((first, self.named, True), (second, self.unnamed, False)):
            reviewing.accept(assignment, by=by, named_in_public=named)
            digest = self.submission.version.digest
            reviewing.declare(assignment, by=by, digest=digest, conclusion="unsure", kinds=["personal"], words=word("declared"))
            workflow.waive_unsure(assignment, by=self.editor, reason=word("waived"))
        self.first, self.second = first, second
        self.note = reviewing.comment(first, by=self.named, text=word("commentunsent"))
        reviewing.comment(second, by=self.unnamed, text=word("commenttoeditor"), to="editor")
        reviewing.comment(second, by=self.unnamed, text=word("commenttoauthor"))
        self.ask_outside()

    def ask_outside(self):
        """Somebody without an account declares, reads, and signs; a link to the version waits for somebody else."""
        asked = outside.invite(self.submission, by=self.editor, name=f"Olivia {word('outsidename')}", email=f"{word('outsidemail')}@example.org")
        link = AccessLink.objects.to(asked).get()
        links.exchange(link)
        digest = self.submission.version.digest
        outside.declare(
            link, name=asked.name, credentials=word("outsidecredentials"), digest=digest, conclusion="no_conflict", kinds=["personal"], words=word("outsideinterest")
        )
        outside.ask_code(link)
        code = type(asked).objects.get(pk=asked.pk).code
        outside.sign(link, code=code, digest=digest, recommendation="reject", comment=word("outsideadvice"))
        previews.make(self.submission.version, by=self.editor, days=30)

    def sign(self):
        reviewing.discard_comment(self.note, by=self.named)
        for assignment, by in ((self.first, self.named), (self.second, self.unnamed)):
            recommend(type(assignment).objects.get(pk=assignment.pk), by)
        found = self.second.comments.get(to="author")
        reviewing.answer_comment(found, by=self.owner, answer=word("answer"))
        reviewing.reply_to_comment(found, by=self.owner, text=word("reply"))
        reviewing.close_comment(found, by=self.editor, reason=word("closed"))

    def approve(self):
        workflow.approve(self.submission, by=self.editor, signing=fresh(self.editor), digest=self.submission.version.digest, note=word("decisionnote"))

    def schedule(self):
        self.planned = publishing.publish(self.submission, by=self.editor, at=timezone.now() + timedelta(days=1), change_note=word("plannednote"))

    def call_off(self):
        publishing.cancel_publication(self.planned, by=self.editor, reason=word("calledoff"))

    def publish(self, note=""):
        self.publication = publishing.publish(self.submission, by=self.editor, change_note=note)
        self.hear_readers()

    def hear_readers(self):
        """Readers ask and report; one has confirmed the address and is answered."""
        email = f"{word('readermail')}@example.org"
        asked, _ = (
            asking.ask(key=uuid4(), kind=kind, text=f"Is it {word('readerwords')}?", email=email, publication=self.publication, sender="192.0.2.7")
            for kind in ("question", "report")
        )
        asking.confirm_address(AccessLink.objects.to(asked).get())
        triage.answer_question(asked, by=self.editor, article=self.article)

    def request_changes(self):
        workflow.request_changes(self.submission, by=self.editor, note=word("changesnote"))

    def decline(self):
        workflow.decline_submission(self.submission, by=self.editor, reason=word("declinedreason"))

    def withhold(self):
        publishing.withhold(self.publication, by=self.editor, reason=f"A dose is being checked. {word('withheldreason')}")

    def restore(self):
        publishing.restore(self.publication, by=self.editor, note=word("restorednote"))

    def re_review(self):
        self.submission = workflow.open_re_review(self.publication, by=self.editor, note=word("rereviewnote"))

    def propose(self):
        publishing.propose_retraction(
            self.publication, by=self.editor, signing=fresh(self.editor), notice=f"We take it back. {word('retractionnotice')}",
            reason=word("retractionreason"), keeps_text=False,
        )  # fmt: skip

    def retract(self):
        publishing.confirm_retraction(self.publication, by=self.editor2, signing=fresh(self.editor2))


LIVE = {
    "it is published": 1, "other words are saved": 1, "they are submitted": 1, "they are under review": 1, "they are signed": 1, "they are approved": 1,
    "they replace the first": 2, "a third is saved and submitted": 2, "it is declined": 2, "it is restored": 2, "a re-review is opened": 2,
    "a retraction is proposed": 2,
}  # fmt: skip


def news(happens):
    """What feeds and sitemaps say after a step: title and summary of what is live, or that it was retracted; and its address, which has the first title."""
    if number := LIVE.get(happens):
        return {word(f"title{number}"), word(f"summary{number}"), word("title1")}
    return {word("title2"), word("retractionnotice"), word("title1")} if happens.startswith("it is retracted") else set()


V1, V2, V3 = (version_words(number) for number in (1, 2, 3))
SAID = {word("changenote"), word("withheldreason")}  # what the history of a page has told its readers

# (what happens, the words that the public may know then, those it must be able to read)
CHAPTERS = (
    ("a draft is saved", lambda s: s.draft(), set(), set()),
    ("it is submitted", lambda s: s.submit(), set(), set()),
    ("it is under review", lambda s: s.review(), set(), set()),
    ("its reviews are signed", lambda s: s.sign(), set(), set()),
    ("it is approved", lambda s: s.approve(), set(), set()),
    ("it is scheduled", lambda s: s.schedule(), set(), set()),
    ("that is called off", lambda s: s.call_off(), set(), set()),
    ("it is published", lambda s: s.publish(), V1, {word("professional1"), word("plain1"), word("title1")}),
    ("other words are saved", lambda s: s.save(2), V1, {word("professional1")}),
    ("they are submitted", lambda s: s.submit(), V1, {word("professional1")}),
    ("they are under review", lambda s: s.review(), V1, {word("professional1")}),
    ("they are signed", lambda s: s.sign(), V1, {word("professional1")}),
    ("they are approved", lambda s: s.approve(), V1, {word("professional1")}),
    ("they replace the first", lambda s: s.publish(word("changenote")), V1 | V2 | {word("changenote")}, {word("professional2"), word("plain2")}),
    ("a third is saved and submitted", lambda s: (s.save(3), s.submit()), V1 | V2 | {word("changenote")}, {word("professional2")}),
    ("it is declined", lambda s: s.decline(), V1 | V2 | {word("changenote")}, {word("professional2")}),
    ("the page is withheld", lambda s: s.withhold(), {word("withheldreason"), word("title1"), word("title2"), word("changenote")}, {word("withheldreason")}),
    ("it is restored", lambda s: s.restore(), V1 | V2 | SAID, {word("professional2")}),
    ("a re-review is opened", lambda s: s.re_review(), V1 | V2 | SAID, {word("professional2")}),
    ("a retraction is proposed", lambda s: s.propose(), V1 | V2 | SAID, {word("professional2")}),
    ("it is retracted, its text with it", lambda s: s.retract(), SAID | {word("retractionnotice"), word("title1"), word("title2")}, {word("retractionnotice")}),
)  # fmt: skip
