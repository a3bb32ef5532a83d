"""Mails: whom each goes to, that it carries title and link and nothing else of the text, and that words of people are only values."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from editorial import publishing, workflow
from editorial.models import EvidenceCase, ReaderQuestion, WaiverQuestion
from editorial.wording import NOTICES
from editorial.wording.layout import Mail, message
from editorial.wording.notices import filled
from records import post
from records.models import Delivery, Event, Outbox, Sweep
from records.post import COMPOSERS
from reviews import reviewing
from reviews.models import Comment, OutsideReviewer
from tests import builders

POSTED = {
    "submitted", "withdrawn", "changes_requested", "declined", "overtaken", "approved", "re_review_opened", "reaffirmed", "invited",
    "review_accepted", "review_declined", "review_cancelled", "interests_unsure", "interests_waived", "review_signed", "review_revoked",
    "outside_invited", "outside_code", "outside_declined", "outside_signed", "published", "scheduled", "publication_cancelled", "withheld", "restored", "retraction_proposed", "retracted", "review_brought_forward",
    "re_review_ahead", "re_review_due", "re_review_overdue", "page_archived", "page_taken_down", "submission_waiting", "decision_due",
    "changes_waiting", "evidence_due", "invitation_waiting", "review_due", "review_overdue", "sweep_held", "invariants_broken", "digest",
    "comment_replied", "comment_reopened", "comment_closed", "approval_in_question", "approval_doubted", "evidence_changed", "waiver_asked", "waiver_answered",
    "question_confirm", "question_answered", "question_taken_up", "question_declined", "report_received", "draft_commissioned",
}  # fmt: skip


def sent():
    """Send what waits; the mails, by recipient and subject."""
    mail.outbox.clear()
    post.send_posted(500)
    assert not Outbox.objects.exclude(state__in=["sent", "dropped"]).exists(), list(Outbox.objects.values_list("kind", "state", "last_error"))
    return [(each.to[0], each.subject) for each in mail.outbox]


def test_every_kind_that_is_posted_has_words_and_no_other_has():
    assert COMPOSERS.keys() == POSTED
    assert POSTED - {"digest"} == NOTICES.keys()


def test_every_word_that_stands_for_a_value_has_one(published, under_review, editor, superuser):
    """Each notice is filled for a row of its kind; a capital word that no case knows would be a KeyError."""
    asked = under_review.assignments.first()
    rows = {"Submission": under_review, "ReviewAssignment": asked, "Publication": published, "Sweep": Sweep.objects.create(name="x")}
    rows["Comment"] = Comment.objects.create(assignment=asked, text="Say how far.", sent_at=asked.assigned_at)
    rows["OutsideReviewer"] = OutsideReviewer.objects.create(submission=under_review, name="Olivia", invited_by=editor, due_on=published.approved_on)
    builders.happened(published.submission.version.references.get(key="trial").reference)
    rows["EvidenceCase"] = EvidenceCase.objects.get()
    rows |= {"ReaderQuestion": ReaderQuestion.objects.create(kind="question", text="Is heat good?"), "Article": published.article}
    asked = Event.objects.create(object_type="articles.article", object_id=published.article_id, act="ask_waiver", by=editor)
    rows["WaiverQuestion"] = WaiverQuestion.objects.create(article=published.article, check_id="claim.dose", asked=asked)
    for notice in NOTICES.values():
        case = notice.of(notice.of.read(rows[notice.of.model.__name__].pk), published.review_due_on, None, notice.due)
        if notice.kind == "decision_due":
            case.due = published.approved_on
            case.__dict__["last_signed_on"] = case.due
        for words in (notice.subject, *(tell.subject for tell in notice.tell), *(tell.lead for tell in notice.tell)):
            if case.due is None and re.search(r"\b(DUE|DAY|DAYS|WHEN)\b", words):
                case.due = published.approved_on
            assert not re.search(r"\b[A-Z]{3,}\b", filled(words, case.values | {"TITLE": "How?", "REVIEWER": "Rosa"} if "TITLE" in case.values else case.values))


def test_a_life_from_draft_to_retraction_tells_the_right_people(published, author, editor, editor2, reviewer, reviewer2, fresh):
    told = sent()
    title = published.submission.version.title
    # What waited for somebody is done by now and not sent; what they are to know is.
    assert not any(subject.startswith(("Submitted", "Review invitation")) for _, subject in told)
    assert (author.email, f"Approved: {title}, version 1") in told
    assert (author.email, f"Published: {title}") in told
    publishing.propose_retraction(published, by=editor, signing=fresh(editor), notice="The dose was wrong.", reason="error")
    assert [to for to, _ in sent()] == [editor2.email]
    publishing.confirm_retraction(published, by=editor2, signing=fresh(editor2))
    assert {to for to, _ in sent()} == {author.email, editor.email, editor2.email, reviewer.email, reviewer2.email}


def test_somebody_with_two_roles_is_told_once(published, author):
    from editorial import roles

    roles.give(author, roles.EDITOR)
    assert [to for to, subject in sent() if subject.startswith("Published")].count(author.email) == 1


def test_an_invitation_says_by_when_and_leads_to_the_review(submitted, editor, reviewer):
    (assignment,) = builders.assign(submitted, editor, reviewer)
    assert reviewer.email in [to for to, _ in sent()]
    found = next(each for each in mail.outbox if each.to == [reviewer.email])
    assert "(answer by " in found.subject
    assert f"{settings.SITE_URL}/admin/desk/reviews/{assignment.pk}/" in found.body
    html = found.alternatives[0][0]
    assert f'<a href="{settings.SITE_URL}/admin/desk/reviews/{assignment.pk}/">Answer the invitation</a>' in html


def test_b6_a_mail_carries_no_word_of_the_text(under_review, reviewer, reviewer2, editor):
    first = under_review.assignments.first()
    builders.recommend(first, first.member.person.user, "changes")
    workflow.request_changes(under_review, by=editor, note="Confidential note to the author.")
    sent()
    words = "\n".join(each.body + each.alternatives[0][0] for each in mail.outbox)
    for text in ("exercise first", "This dose is too high", "Confidential note"):
        assert text not in words


def test_b6_the_queue_and_the_logs_hold_ids_alone(author, editor, reviewer, caplog):
    caplog.set_level("DEBUG")
    article = builders.make_article(author, title="Canary zqtitleqz?")
    submission = builders.submit(article, author)
    (assignment,) = builders.assign(submission, editor, reviewer)
    reviewing.decline(assignment, by=reviewer, reason="Canary zqreasonqz.")
    queued = repr(list(Outbox.objects.values()))
    sent()
    written = queued + repr(list(Outbox.objects.values())) + " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name.startswith("records"))
    for canary in ("zq", reviewer.email, author.email, "Rosa"):
        assert canary not in written


# ---- C12, C13


INJECTIONS = [
    "{{ 7|add:7 }}{% now 'Y' %}", "{% load display %}{% csrf_token %}", "{{ settings.SECRET_KEY }}", "{0.__class__.__mro__}%s$x", "{title!r:>10}", "${7*7}#{7*7}",
    "<%= 7*7 %>", "TITLE DUE WHEN REVIEWER NUMBER", "%(TITLE)s", "<b onclick=x>&amp;", "\\g<0>\\1",
]  # fmt: skip


@pytest.mark.parametrize("title", INJECTIONS)
def test_c12_what_people_write_appears_literally(author, editor, title):
    submission = builders.submit(builders.make_article(author, title=title), author)
    assert (editor.email, f"Submitted: {title}, version 1") in sent()
    found = next(each for each in mail.outbox if each.to == [editor.email])
    assert f"Article: {title}\n" in found.body
    assert submission.version.title == title
    assert "<b onclick" not in found.alternatives[0][0]
    assert "14" not in found.body.replace(title, "").replace(str(submission.pk), "")


def test_c12_a_value_is_never_read_again():
    assert filled("Due: TITLE", {"TITLE": "DUE TITLE \\1"}) == "Due: DUE TITLE \\1"
    with pytest.raises(KeyError):
        filled("NOBODY knows this", {})


def test_c12_no_mail_is_made_with_str_format():
    paths = list(Path("editorial/wording").glob("*.py"))
    assert len(paths) > 5
    for path in paths:
        source = path.read_text(encoding="utf-8")
        assert ".format(" not in source, path
        assert "Template(" not in source, path


BREAKS = ["a\r\nBcc: evil@example.org", "a\nSubject: b", "a\x00b", "a\u2028Bcc: x", "a\u2029\x85\x0b\x0cb", "a\u202eb", "=?utf-8?q?=0ABcc:_x?="]


@pytest.mark.parametrize("words", BREAKS)
def test_c13_no_break_of_a_line_reaches_a_header(author, editor, reviewer, words):
    if "\x00" not in words:
        reviewer.person.name = f"Rosa {words}"
        reviewer.person.save()
        submission = builders.submit(builders.make_article(author, title=f"How {words}?"), author)
        (assignment,) = builders.assign(submission, editor, reviewer)
        builders.open_text(assignment, reviewer)
    found = message(Mail(editor, f"Of {words}", "A lead.", "/x/", "Why.", facts=[("Reviewer", words)]))
    assert not re.search(r"[\r\n\x00\u2028\u2029\x85\x0b\x0c]", found.subject)
    sent()
    for each in mail.outbox:
        raw = each.message().as_bytes()
        parsed = message_from_bytes(raw, policy=policy.default)
        assert not any(name.lower() in {"bcc", "cc"} for name in parsed)
        assert len(parsed.get_all("Subject")) == 1
        assert not re.search(r"[\r\n\x00\u2028\u2029]", each.subject)


def test_c13_a_title_cannot_begin_a_line_of_the_text_part(author, editor):
    builders.submit(builders.make_article(author, title="How?\n\nOpen the page:\nhttps://evil.example"), author)
    sent()
    body = next(each.body for each in mail.outbox if each.to == [editor.email])
    assert "\nhttps://evil.example" not in body
    assert "Article: How? Open the page: https://evil.example\n" in body


# ---- Layout


def test_duties_have_no_way_to_unsubscribe_and_news_have_one(approved, author, editor, reviewer):
    builders.assign(builders.submit(builders.make_article(author, title="Another?"), author), editor, reviewer)
    sent()
    approval = next(each for each in mail.outbox if each.subject.startswith("Approved"))
    invitation = next(each for each in mail.outbox if each.subject.startswith("Review invitation"))
    address = approval.extra_headers["List-Unsubscribe"].strip("<>")
    assert approval.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address.startswith(f"{settings.SITE_URL}/inbox/unsubscribe/")
    assert address in approval.body
    assert address in approval.alternatives[0][0]
    assert "List-Unsubscribe" not in invitation.extra_headers
    assert "unsubscribe" not in invitation.body + invitation.alternatives[0][0]
    for found, is_said in ((invitation, True), (approval, False)):  # the same words in both parts of a mail
        for part in (found.body, found.alternatives[0][0]):
            assert ("Mails of this kind cannot be turned off." in part) == is_said


def test_d2_every_address_in_a_mail_begins_with_the_sites_own(approved):
    sent()
    for each in mail.outbox:
        for address in re.findall(r"https?://[^\s\"<>]+", each.body + each.alternatives[0][0]):
            assert address.startswith(settings.SITE_URL)


def test_every_mail_that_leads_somewhere_is_a_row_of_the_inbox(approved, author):
    sent()
    row = Delivery.objects.get(recipient=author, outbox__kind="approved")
    assert row.path == f"/workspace/{approved.article_id}/submissions/{approved.pk}/"
    assert row.subject.startswith("Approved: ")


def test_a_retracted_reference_is_urgent_and_never_looks_like_a_retracted_article(published, author, editor, editor2):
    sent()
    title, reference = published.submission.version.title, published.submission.version.references.get(key="trial").reference
    builders.happened(reference, "correction")
    assert (editor.email, f"News about a reference in {title}") in sent()
    builders.happened(reference)
    told = sent()
    assert {to for to, subject in told if subject == f"Urgent: a reference was retracted: {title}"} == {author.email, editor.email, editor2.email}
    assert not any(subject.startswith("Retracted") for _, subject in told)


# ---- What a reviewer finds while it waits is not sent


def test_f13_what_is_done_before_it_is_sent_is_not_sent(submitted, editor, reviewer, author):
    builders.assign(submitted, editor, reviewer)
    workflow.withdraw(submitted, by=author)
    subjects = [subject for _, subject in sent()]
    assert not any(subject.startswith(("Submitted", "Review invitation")) for subject in subjects)
    assert any(subject.startswith("Withdrawn") for subject in subjects)
    assert Outbox.objects.get(kind="submitted").state == Outbox.State.DROPPED


def test_the_board_asks_for_no_new_version_of_what_it_wants_retracted(under_review, author):
    type(under_review).objects.filter(pk=under_review.pk).update(outcome="retract", state="changes_requested", note="It must go.")
    mail.outbox.clear()
    (found,) = list(COMPOSERS["changes_requested"]("reviews.submission", under_review.pk))
    assert found.to == author
    assert "next version" not in found.text
    assert "retracted" in found.text
    assert list(COMPOSERS["changes_waiting"]("reviews.submission", under_review.pk)) == []


def test_one_who_is_no_longer_asked_is_told_no_title(under_review, editor, reviewer):
    sent()
    workflow.cancel_assignment(under_review.assignments.first(), by=editor, reason="Not needed.")
    ((_, subject),) = sent()
    assert under_review.version.title not in subject + mail.outbox[0].body
    assert subject == "Review cancelled: nothing is asked of you any more"
    assert "/admin/desk/reviews/" not in mail.outbox[0].body
