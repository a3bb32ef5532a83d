"""docs/reference/notifications.md says of every notice who is told, when, by which channel, whether it is their duty, and in which words."""

from pathlib import Path

from editorial.wording import NOTICES
from editorial.wording.digest import digest

DOCS = Path("docs/reference/notifications.md")
HEAD = "| kind | when | subject | who | how | first line |\n| --- | --- | --- | --- | --- | --- |"


def rows():
    """One row for each side of each notice, as the page has it; what a notice says once, and a subject that goes on, stands in the first row alone."""
    for notice in NOTICES.values():
        first, last = [f"`{notice.kind}`", notice.when], ""
        for tell in notice.tell:
            subject = tell.subject or notice.subject
            who = tell.side.name + (f", from {tell.after} {'day' if tell.after == 1 else 'days'} late" if tell.after else "") + (f", {tell.only}" if tell.only else "")
            yield "| " + " | ".join([*first, subject if subject != last else "", who, "duty" if tell.duty else "news", tell.lead]) + " |"
            first, last = ["", ""], subject


def test_the_page_of_notifications_is_the_table_that_mails_are_made_from():
    page = DOCS.read_text(encoding="utf-8")
    table = page[page.index(HEAD) + len(HEAD) :].strip().split("\n\n")[0].splitlines()
    assert table == list(rows())
    assert "`digest`" in page
    assert digest.__doc__


def test_what_somebody_must_do_is_a_duty_and_everything_else_is_news():
    """Reminders to reviewers, editors and authors of what waits for them are duties; what merely happened is news."""
    kinds = {kind for kind, notice in NOTICES.items() if any(tell.duty for tell in notice.tell)}
    news = {"withdrawn", "declined", "overtaken", "approved", "reaffirmed", "review_accepted", "review_signed", "review_revoked", "comment_replied",
            "comment_closed", "published", "scheduled", "approval_in_question",
            "publication_cancelled", "outside_declined", "outside_signed", "report_received", "withheld", "restored", "review_brought_forward", "page_archived", "page_taken_down"}  # fmt: skip
    assert NOTICES.keys() - kinds == news
