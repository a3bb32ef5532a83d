"""Many published articles at once: the rows that the acts would leave, inserted in bulk with every guard of the database on."""

import importlib
from datetime import timedelta
from functools import cache
from importlib.util import find_spec

import texts
from django.db import transaction
from django.utils import timezone

from articles import checks, freezing, rendering
from articles.models import (
    Article,
    ArticleText,
    ArticleType,
    ArticleVersion,
    Authorship,
    Citation,
    Reference,
    VersionCitation,
    VersionHand,
    VersionReference,
    VersionText,
)
from editorial import pages
from editorial.models import Address, Publication
from editorial.rereview import next_due
from records import canonical, clock
from records.history import bulk_save_as
from records.models import Event, Outbox, PrintedName, type_of
from reviews.models import Interest, Meaning, ReferenceAnswer, ReviewAssignment, ReviewPolicy, Signature, Submission

BATCH = 250
DISTINCT = 50
WARNING = [
    {"check": "text.one_audience", "severity": "look_at", "sentence": "There is no plain-language text. Both pages will say so.", "place": "plain"}
]
# In a run of the kit its own articles, so that all peers hold the same words.
make_article = importlib.import_module("content" if find_spec("content") else "texts").make_article


class Words:
    """What is the same in every copy of one of the distinct articles."""

    def __init__(self, number, by):
        article = make_article(f"seed-{number}")
        works = texts.works_of(article)
        known = {work.doi: work for work in Reference.objects.filter(doi__in=[work.doi for work in works]).exclude(doi="")}
        bulk_save_as(new := [work for work in works if work.doi not in known], by=by, reason="Entered")
        known |= {work.doi: work for work in new}
        self.keys = texts.keys_of(article)
        self.works = [known[work.doi] for work in works]
        self.source = texts.source_of(article)
        self.earlier = cache(lambda edit: texts.source_of(make_article(f"seed-{number}", edit=edit)))
        self.rendered = rendering.render(self.source, known=self.keys)


_words = {}


def words(k, by):
    """The words of seeded article number k."""
    if k % DISTINCT not in _words:
        _words[k % DISTINCT] = Words(k % DISTINCT, by)
    return _words[k % DISTINCT]


def reviewed_on(k):
    """When seeded article number k was reviewed last."""
    return timezone.now() - timedelta(days=k % 730, minutes=1)


class Item:
    """One seeded article on its way: its rows, as the steps below make them."""

    def __init__(self, k, kind, author):
        self.k, self.words, self.when = k, words(k, author), reviewed_on(k)
        self.day = clock.day(self.when)
        self.article = Article(
            title=f"Seeded article {k}", summary="What helps and what does not.", funding="None", sponsor="None",
            article_type=kind, created_by=author, created_at=self.when, saved_at=self.when,
        )  # fmt: skip


@transaction.atomic
def seed(numbers, revisions, people):
    """Publish these articles; each has `revisions` saves, one version, a signed review and its pages."""
    kind = ArticleType.objects.get(key="treatment")
    items = [Item(k, kind, people["author"]) for k in numbers]
    _drafts(items, revisions, people["author"])
    _versions(items, people["author"])
    _submissions(items, people)
    _reviews(items, people)
    _signatures(items, people)
    _publications(items, people["editor"])
    _log(items, people)
    for item in items:
        pages.refresh(item.article)


def _drafts(items, revisions, by):
    bulk_save_as([item.article for item in items], by=by, reason="Begun")
    Article.objects.filter(pk__in=[item.article.pk for item in items]).update(draft_number=revisions)
    authorships = [Authorship(article=item.article, person=by.person, interests="None declared") for item in items]
    bulk_save_as(authorships, by=by, reason="Begun")
    for item, authorship in zip(items, authorships, strict=True):
        item.authorship, item.article.draft_number = authorship, revisions
    citations = [Citation(article=i.article, key=key, reference=work) for i in items for key, work in zip(i.words.keys, i.words.works, strict=True)]
    bulk_save_as(citations, by=by, reason="Begun")
    saved = [ArticleText(article=item.article, audience="professional", source=item.words.source, draft_number=revisions) for item in items]
    ArticleText.objects.bulk_create(saved)
    for number in range(1, revisions + 1):
        for item, text in zip(items, saved, strict=True):
            text.draft_number = number
            text.source = item.words.source if number == revisions else item.words.earlier(revisions - number)
        ArticleText.history.bulk_history_create(saved, update=number > 1, default_user=by, default_change_reason="", default_date=clock.now())


def _versions(items, by):
    for item in items:
        item.version = ArticleVersion(
            article=item.article, number=1, title=item.article.title, summary=item.article.summary, article_type=item.article.article_type,
            type_name=item.article.article_type.name, language="en", funding="None", sponsor="None",
            draft_number=item.article.draft_number, frozen_at=item.when, frozen_by=by,
        )  # fmt: skip
        _digest(item)
    ArticleVersion.objects.bulk_create(item.version for item in items)
    PrintedName.objects.bulk_create(item.byline.printed for item in items)
    VersionHand.objects.bulk_create(hand for item in items for hand in _hands(item, by))
    frozen = [_text(item) for item in items]
    VersionText.objects.bulk_create(frozen)
    VersionReference.objects.bulk_create(ref for item in items for ref in item.references)
    VersionCitation.objects.bulk_create(place for item, text in zip(items, frozen, strict=True) for place in _places(item, text))


def _digest(item):
    """The digest and its parts, as freezing makes them."""
    citations = {key: Citation(key=key, reference=work) for key, work in zip(item.words.keys, item.words.works, strict=True)}
    draft = checks.Draft(item.article, citations=citations, references={work.pk: work for work in item.words.works})
    item.references = [freezing._reference(draft, key) for key in item.words.rendered.keys]
    item.byline = freezing._byline(item.authorship, 1)
    parts = [*freezing._text_parts({"professional": item.words.source}, {"professional": item.words.rendered})]
    parts.append(canonical.part("references", [freezing._reference_value(ref) for ref in item.references]))
    parts += [*item.byline.parts, canonical.part("metadata", freezing.metadata(item.version))]
    item.version.parts, item.version.digest = [part.as_list() for part in parts], canonical.digest(parts)
    for ref in item.references:
        ref.version = item.version


def _hands(item, by):
    yield VersionHand(version=item.version, kind="author", person=by.person, user=by, position=1, printed_name_id=item.byline.printed.pk)
    yield VersionHand(version=item.version, kind="saved", user=by)


def _text(item):
    headings = [[heading.id, heading.text] for heading in item.words.rendered.headings if heading.level == 2]
    return VersionText(
        version=item.version, audience="professional", source=item.words.source, html=item.words.rendered.html, headings=headings, changed_in=1
    )


def _places(item, text):
    by_key = {ref.key: ref for ref in item.references}
    for place in item.words.rendered.places:
        yield VersionCitation(
            text=text, reference=by_key[place.key], number=place.number, occurrence=place.occurrence, block=place.block, locator=place.locator
        )


def _submissions(items, people):
    policy = ReviewPolicy.objects.get(article_type__key="treatment")
    for item in items:
        item.submission = Submission(
            version=item.version, article=item.article, kind="first", policy=policy, submitted_at=item.when, submitted_by=people["author"],
            under_review_at=item.when, due_on=item.day + timedelta(days=policy.review_days), decided_at=item.when,
            decided_by=people["editor"], warnings=WARNING,
        )  # fmt: skip
    Submission.objects.bulk_create(item.submission for item in items)
    _step(items, "submission", "under_review")


def _step(items, name, *states):
    """Take rows along pairs of states that the database allows."""
    rows = [getattr(item, name) for item in items]
    for state in states:
        type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]).update(state=state)


def _reviews(items, people):
    """The reviewer was asked, accepted, declared and answered for every reference."""
    member = people["reviewer"].person.board_member
    for item in items:
        item.assignment = ReviewAssignment(
            submission=item.submission, member=member, assigned_at=item.when, assigned_by=people["editor"],
            answer_by=item.day + timedelta(days=7), due_on=item.submission.due_on, named_in_public=True, answered_at=item.when,
            opened_at=item.when, completed_at=item.when,
        )  # fmt: skip
    every = [item.assignment for item in items]
    ReviewAssignment.objects.bulk_create(every)
    of_all = ReviewAssignment.objects.filter(pk__in=[assignment.pk for assignment in every])
    of_all.update(state="accepted")
    Interest.objects.bulk_create(
        Interest(assignment=each, digest=each.submission.version.digest, conclusion="no_conflict", declared_at=each.assigned_at) for each in every
    )
    ReferenceAnswer.objects.bulk_create(
        ReferenceAnswer(assignment=item.assignment, reference=ref, answer="supports") for item in items for ref in item.references
    )
    of_all.update(state="completed")


def _signatures(items, people):
    rows = [_signature(item, people, assignment) for item in items for assignment in (item.assignment, None)]
    PrintedName.objects.bulk_create(printed for printed, _ in rows)
    Signature.objects.bulk_create(signature for _, signature in rows)
    _step(items, "submission", "approved")


def _signature(item, people, assignment):
    by = people["editor"] if assignment is None else assignment.member.person.user
    spoken = by.person.printed()
    fields = {"meaning": Meaning.EDITORIAL_APPROVAL}
    if assignment is not None:
        spoken["specialty"] = "General practice"
        answers = {"recommendation": "approve", "references": dict.fromkeys(item.words.keys, "supports")}
        fields = {"meaning": Meaning.RECOMMENDATION, "recommendation": "approve", "answers": answers}
    printed, salt = PrintedName(person=by.person, words=spoken), canonical.new_salt()
    return printed, Signature(
        submission=item.submission, assignment=assignment, person=by.person, user=by, digest=item.version.digest, signed_at=item.when,
        proved_at=item.when, proved_by="password", salt=salt, commitment=canonical.commitment(spoken, salt), printed_name_id=printed.pk, **fields,
    )  # fmt: skip


def _publications(items, by):
    for item in items:
        item.publication = Publication(
            article=item.article, submission=item.submission, last_review=item.submission, published_at=item.when, published_by=by,
            approved_on=item.day, last_reviewed_on=item.day, last_updated_on=item.day,
            review_due_on=next_due(item.day, item.submission.policy.interval_months), is_loose=True,
        )  # fmt: skip
    Publication.objects.bulk_create(item.publication for item in items)
    _step(items, "publication", "live")
    Address.objects.bulk_create(Address(article=item.article, slug=f"seeded-{item.k}") for item in items)


# act, on what, from, to, by whom, what is posted about it
ACTS = (
    ("create_draft", "article", "", "draft", "author", ""),
    ("submit", "submission", "draft", "submitted", "author", "submitted"),
    ("begin_review", "submission", "submitted", "under_review", "editor", ""),
    ("assign", "assignment", "", "assigned", "editor", "invited"),
    ("accept", "assignment", "assigned", "accepted", "reviewer", "review_accepted"),
    ("declare", "assignment", "accepted", "accepted", "reviewer", ""),
    ("recommend", "assignment", "accepted", "completed", "reviewer", "review_signed"),
    ("approve", "submission", "under_review", "approved", "editor", ""),
    ("publish", "publication", "scheduled", "live", "editor", "published"),
)


def _log(items, people):
    events, posted = [], []
    for item in items:
        for act, on, before, after, name, kind in ACTS:
            obj, by = getattr(item, on), people[name]
            about = {"object_type": type_of(obj), "object_id": obj.pk}
            events.append(Event(**about, act=act, before=before, after=after, by=by, at=item.when))
            if kind:
                posted.append(Outbox(**about, kind=kind, created_at=item.when, not_before=item.when))
    Event.objects.bulk_create(events)
    Outbox.objects.bulk_create(posted)


