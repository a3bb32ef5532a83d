"""What readers who left an address are told of their questions and reports, and what editors and authors are told because of them.

A reader's address is read when a mail is sent, and stands in no other table; a mail says no word of what they wrote.
"""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse

from articles.models import Article
from editorial import people, reader_links
from editorial.models import Address, Publication, ReaderQuestion
from editorial.wording.cases import Case, Facts, OfPublication, long
from editorial.wording.notices import EDITORS, WHY_AUTHOR, Notice, Side, Tell, Told, enter
from records import clock
from records.composers import Outsider
from reviews.models import Submission

State, Reason = ReaderQuestion.State, ReaderQuestion.Reason
WHY_TO_CONFIRM = "You get this because somebody gave this address with a question or report for the editors. If it was not you, do nothing: the address is erased."
WHY = "You get this because you asked to hear what became of it, and confirmed this address."
DECLINED = {
    Reason.PERSONAL: "It asks about one person. Ask a doctor or a pharmacist who knows them; nobody here can advise on one person.",
    Reason.SCOPE: "It is about a subject that this site does not cover.",
    Reason.NO_ERROR: "They compared the page with its sources and found no error.",
    Reason.PUT_RIGHT: "What you reported is put right, or will be with the next version of the page.",
}


class OfQuestion(Case):
    """A reader's question or report."""

    model, related = ReaderQuestion, ("version", "re_review__version")

    @cached_property
    def shown(self) -> Publication | None:
        """What the reader is led to: the public article that answers it, else the one that it came from."""
        article = self.row.answer_id or self.row.article_id
        found = Publication.objects.public().filter(article=article) if article else Publication.objects.none()
        return found.select_related("submission__version").first()

    @property
    def page(self) -> str:
        """The address of that article; without one, where questions are asked."""
        address = Address.objects.filter(article=self.shown.article_id, is_current=True).first() if self.shown else None
        return address.path if address else reverse("public:ask")

    @property
    def values(self) -> dict[str, str]:
        """Whether it is a question or a report, and why it was declined."""
        said = DECLINED.get(self.row.reason, "")
        return {**super().values, "WHAT": "report" if self.row.is_report else "question", "REASON": said}

    @property
    def facts(self) -> Facts:
        """Which article it is, as the public knows it, and the day on which it was asked."""
        article = [("Article", self.shown.submission.version.title)] if self.shown else []
        return [*article, ("Sent to the editors on", long(clock.day(self.row.asked_at)))]

    @property
    def erase_path(self) -> str:
        """Where its reader erases it."""
        return reader_links.erase_path(self.row)

    @property
    def reader(self) -> Outsider:
        """Who is mailed."""
        return Outsider(self.row.pk, self.row.email)


class OfUnconfirmed(OfQuestion):
    """A question whose reader's address nobody has confirmed."""

    @property
    def facts(self) -> Facts:
        """Until when it can be confirmed; not what it was about, which may be another person's."""
        return [("Confirm by", long(clock.day(self.row.asked_at + timedelta(days=settings.READER_CONFIRM_DAYS))))]


class OfDraft(Case):
    """A draft that was commissioned."""

    model = Article

    @property
    def values(self) -> dict[str, str]:
        """With its title."""
        return {**super().values, "TITLE": self.row.title}

    @property
    def titled_facts(self) -> Facts:
        """The title."""
        return [("Title", self.row.title)]


def _to_confirm(case: Any) -> Told:
    path = reader_links.confirm_path(case.row)
    return [(case.reader, path)] if case.row.email and path else []


def _to_reader(case: Any) -> Told:
    return [(case.reader, case.page)] if case.row.can_be_written_to else []


def _to_author(case: Any) -> Told:
    return [(user, reverse("workspace:article", args=[case.row.pk])) for user in people.authors(case.row)]


def _is_answered(case: Any) -> bool:
    return case.row.state == State.ANSWERED and case.shown is not None and case.shown.state == Publication.State.LIVE


def _is_read_again(case: Any) -> bool:
    return case.row.state == State.RE_REVIEW and case.shown is not None


def _is_declined(case: Any) -> bool:
    return case.row.state == State.DECLINED and case.row.reason in DECLINED


def _report_waits(case: Any) -> bool:
    return ReaderQuestion.objects.waiting().filter(kind=ReaderQuestion.Kind.REPORT, version__article=case.row.article_id).exists()


def _is_begun(case: Any) -> bool:
    return not Submission.objects.filter(article=case.row).exists()


UNCONFIRMED = Side("Whoever has the address", _to_confirm, WHY_TO_CONFIRM)
READER = Side("The reader, once they confirmed their address", _to_reader, WHY)
AUTHOR = Side("Its author", _to_author, WHY_AUTHOR)

enter(
    Notice(
        "question_confirm", OfUnconfirmed, "A reader leaves an address with a question or report", "Confirm your address",
        (Tell(UNCONFIRMED, "Somebody gave this address with a WHAT for the editors. Confirm it if you want to hear what becomes of that.",
              duty=True, action="Look and confirm"),),
    ),
    Notice(
        "question_answered", OfQuestion, "An editor answers with an article, or the article that was commissioned becomes public", "Your WHAT has been answered",
        (Tell(READER, "An article that the board approved answers your WHAT.", duty=True, action="Read the article"),), _is_answered,
    ),
    Notice(
        "question_taken_up", OfQuestion, "An editor has the board read the article again", "The board reads this page again",
        (Tell(READER, "Because of your WHAT the board reads this article again. Its page says what comes of it.", duty=True, action="Open the page"),), _is_read_again,
    ),
    Notice(
        "question_declined", OfQuestion, "An editor declines, for a reason that is told", "About your WHAT to the editors",
        (Tell(READER, "The editors have closed your WHAT. REASON", duty=True, action="Open the page"),), _is_declined,
    ),
    Notice(
        "report_received", OfPublication, "A reader reports an error; once a day for each article", "A reader reports an error: TITLE",
        (Tell(EDITORS, "A reader reports an error on this page. The report waits under “From readers”.", action="Open the page"),), _report_waits,
    ),
    Notice(
        "draft_commissioned", OfDraft, "An editor commissions a draft to answer a reader", "You are asked to write: TITLE",
        (Tell(AUTHOR, "An editor asks you to write this article. The draft is begun in your workspace, with nothing but its title.",
              duty=True, action="Open the draft"),), _is_begun,
    ),
)  # fmt: skip
