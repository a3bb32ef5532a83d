"""Mails: whom each goes to, that it carries title and link and nothing else of the text, and that words of people are only values."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from editorial import publishing, workflow
from editorial.wording import Mail, _messages
from records import post
from records.models import Outbox
from records.post import COMPOSERS
from tests import builders

POSTED = {
    "submitted", "withdrawn", "changes_requested", "declined", "overtaken", "approved", "re_review_opened", "reaffirmed", "invited",
    "review_accepted", "review_declined", "review_cancelled", "interests_unsure", "interests_waived", "review_signed", "review_revoked",
    "published", "scheduled", "publication_cancelled", "withheld", "restored", "retraction_proposed", "retracted",
}  # fmt: skip


def sent():
    """Send what waits; the mails, by recipient and subject."""
    mail.outbox.clear()
    post.send_posted(500)
    assert not Outbox.objects.exclude(state="sent").exists(), list(Outbox.objects.exclude(state="sent").values_list("kind", "last_error"))
    return [(message.to[0], message.subject) for message in mail.outbox]


def test_every_kind_that_is_posted_has_words():
    assert COMPOSERS.keys() >= POSTED


def test_a_life_from_draft_to_retraction_tells_the_right_people(published, author, editor, editor2, reviewer, reviewer2, fresh):
    told = sent()
    title = published.submission.version.title
    assert (editor.email, f"Submitted: {title}, version 1") in told
    assert not any(subject.startswith("Review invitation") for _, subject in told)  # answered before the mail went out
    assert (author.email, f"Approved: {title}, version 1") in told
    assert (author.email, f"Published: {title}") in told
    publishing.propose_retraction(published, by=editor, signing=fresh(editor), notice="The dose was wrong.", reason="error")
    assert [to for to, _ in sent()] == [editor2.email]
    publishing.confirm_retraction(published, by=editor2, signing=fresh(editor2))
    assert {to for to, _ in sent()} == {author.email, editor.email, editor2.email, reviewer.email, reviewer2.email}


def test_an_invitation_says_by_when_and_leads_to_the_review(submitted, editor, reviewer):
    (assignment,) = builders.assign(submitted, editor, reviewer)
    assert reviewer.email in [to for to, _ in sent()]
    message = next(each for each in mail.outbox if each.to == [reviewer.email])
    assert "(answer by " in message.subject
    assert f"{settings.SITE_URL}/admin/desk/reviews/{assignment.pk}/" in message.body
    html = message.alternatives[0][0]
    assert f"{settings.SITE_URL}/admin/desk/reviews/{assignment.pk}/" in html


def test_b6_a_mail_carries_no_word_of_the_text(under_review, reviewer, reviewer2, editor):
    first = under_review.assignments.first()
    builders.recommend(first, first.member.person.user, "changes")
    workflow.request_changes(under_review, by=editor, note="Confidential note to the author.")
    sent()
    words = "\n".join(message.body + message.alternatives[0][0] for message in mail.outbox)
    for text in ("exercise first", "This dose is too high", "Confidential note"):
        assert text not in words


@pytest.mark.parametrize("title", ["{{ 7|add:7 }}{% now 'Y' %}", "{0.__class__}%s$x", "<b onclick=x>&amp;", "a\r\nBcc: evil@example.org"])
def test_c12_c13_words_of_people_are_only_values(author, editor, title):
    note = Mail([author], f"Submitted: {title}", "A lead.", "/x/", "Why.", [("Article", title)])
    (message,) = _messages([note])
    assert title in message.text
    assert "<b onclick" not in message.html
    assert "14" not in message.text.replace(title, "")
    assert "\n" not in post.one_line(message.subject)


def test_c12_no_mail_is_made_with_str_format():
    source = Path("editorial/wording.py").read_text(encoding="utf-8")
    assert ".format(" not in source
    assert "Template(" not in source
