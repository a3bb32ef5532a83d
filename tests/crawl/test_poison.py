"""C1: hostile words in every field that people fill run nowhere: not on the public pages, the workspace, the desk or the admin, for anyone."""

from uuid import uuid4

import html5lib
import pytest
from django.test import Client

from articles import drafting
from articles.drafting import Changes, CitationChange
from articles.models import Article, ArticleType, Reference, Topic
from editorial import asking, publishing, roles, workflow
from records.models import Affiliation, Person, PersonalTie
from reviews import outside, reviewing
from reviews.models import BoardMember, Comment, Specialty
from tests import builders
from tests.crawl import addresses
from tests.editorial import guests
from tests.scale import PROVE, examples
from tests.worlds import recommend

POISON = (
    "\"'><script>window.ran=1</script><img src=x onerror=window.ran=1><svg onload=window.ran=1><a href=javascript:window.ran=1>j</a>"
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>{{ 7|add:1 }}[j](javascript:window.ran=1)"
)
SHORT = "<script>window.ran=1</script>\"'><svg onload=window.ran=1>"
OUTSIDE = "\"'><img src=q onerror=window.ran=1>{{ 7|add:1 }}"  # other words than those of the authors' names, or nobody could be asked
RISKY = {"script", "iframe", "object", "embed", "base", "meta", "link", "form"}
URLS = {"href", "src", "action", "formaction", "data", "xlink:href", "srcdoc"}


class Poisoned:
    """A world in which everybody types the same hostile words wherever they can."""

    def __init__(self):
        self.owner = builders.make_user(f"O {SHORT}"[:150], roles.AUTHOR, email="owner@example.org")
        self.reviewer = roles.give(self.member("reviewer@example.org", "Neurology"))
        self.reviewer2 = self.member("reviewer2@example.org", "General practice")
        self.editor = builders.make_user(f"E {SHORT}", roles.EDITOR, email="editor@example.org")
        self.editor2 = builders.make_user("Second", roles.EDITOR, email="editor2@example.org")
        self.superuser = builders.make_user(f"S {SHORT}", superuser=True, email="super@example.org")
        Person.objects.update(credentials=SHORT)
        Affiliation.objects.update(institution=POISON[:200])
        Topic.objects.create(name=SHORT[:80], slug="poison", description=POISON)
        ArticleType.objects.create(key="poison", name=SHORT[:80], description=POISON, template=POISON)
        for number, field in enumerate(Specialty.objects.all()):
            Specialty.objects.filter(pk=field.pk).update(name=f"{number} {SHORT}"[:80])
        PersonalTie.objects.create(one=self.owner.person, other=self.reviewer.person, kind="family", since="2000-01-01", note=POISON[:200])
        BoardMember.objects.update(profession=POISON[:200], biography=POISON, interests=POISON, interests_on="2024-01-01")
        self.article = self.write()
        self.publish(POISON[:300])
        for kind in ("question", "report"):
            asking.ask(key=uuid4(), kind=kind, text=POISON, publication=self.publication, sender="192.0.2.7")
        self.revise()
        self.review_again()

    def member(self, email, specialty):
        user = builders.make_user(f"R {SHORT}", roles.BOARD, email=email)
        field, _ = Specialty.objects.get_or_create(name=specialty, defaults={"slug": email.split("@")[0]})
        found = BoardMember.objects.create(person=user.person, slug=email.split("@")[0], since="2020-01-01")
        found.specialties.add(field)
        return user

    def changes(self):
        wild, _ = Reference.objects.get_or_create(
            title=POISON, defaults={"source": POISON[:400], "authors": POISON, "year": 2020, "issuing_body": POISON[:200], "publisher": POISON[:200], "pages": SHORT[:60]}
        )
        text = f"{POISON}[@wild, {SHORT[:40]}]\n\n## {POISON}\n\n- {POISON}\n\n> {POISON}\n\n| a | b |\n| - | - |\n| {SHORT} | {POISON} |\n\n::: red-flag {SHORT}\n{POISON}\n:::\n\n```\n{POISON}\n```\n"
        fields = dict.fromkeys(("title", "summary", "funding", "sponsor"), POISON)
        return Changes(texts={"professional": text, "plain": text}, fields=fields, citations=[CitationChange("wild", wild)], interests={self.owner.person.pk: POISON}, topics=Topic.objects.all())

    def write(self):
        return drafting.create_draft(by=self.owner, title=POISON, article_type=builders.make_type(), changes=self.changes(), reason=POISON)

    def reviews(self, recommendation):
        assignments = [
            workflow.assign(self.submission, by=self.editor, member=user.person.board_member, override_reason=POISON) for user in (self.reviewer, self.reviewer2)
        ]
        for assignment, user in zip(assignments, (self.reviewer, self.reviewer2), strict=True):
            reviewing.accept(assignment, by=user, named_in_public=True)
            digest = self.submission.version.digest
            reviewing.declare(assignment, by=user, digest=digest, conclusion="unsure", kinds=["personal"], words=POISON)
            workflow.waive_unsure(assignment, by=self.editor, reason=POISON)
            for to in ("author", "editor"):
                where = builders.passage(self.submission.version, audience="plain")
                reviewing.comment(assignment, by=user, text=POISON, to=to, before=SHORT, after=SHORT, replacement=POISON if to == "author" else "", **where)
        self.advised()
        if recommendation:
            for assignment, user in zip(assignments, (self.reviewer, self.reviewer2), strict=True):
                recommend(type(assignment).objects.get(pk=assignment.pk), user, recommendation)
        return assignments

    def advised(self):
        """Somebody from outside signs hostile advice; a second one waits before the open text."""
        for email in ("one@example.org", "two@example.org"):
            asked = outside.invite(self.submission, by=self.editor, name=OUTSIDE, email=email)
            self.guest = guests.enter(asked)
            answer = self.guest.post("/guest/declare/", guests.declaration(asked, credentials=SHORT, kinds=["personal"], words=POISON))
            assert answer.status_code == 302
            if email.startswith("one"):
                assert guests.sign(self.guest, asked, recommendation="reject", comment=POISON).status_code == 302

    def publish(self, note):
        self.submission = builders.submit(self.article, self.owner)
        self.reviews("approve")
        for found in Comment.objects.for_author():
            reviewing.answer_comment(found, by=self.owner, answer=POISON)
            reviewing.reply_to_comment(found, by=self.editor, text=POISON)
            reviewing.close_comment(found, by=self.editor, reason=POISON)
        workflow.approve(self.submission, by=self.editor, signing=builders.fresh(self.editor), digest=self.submission.version.digest, note=POISON)
        self.publication = publishing.publish(self.submission, by=self.editor, change_note=note, correction=POISON)

    def revise(self):
        article = Article.objects.get(pk=self.article.pk)
        drafting.revise(article, by=self.owner, draft_number=article.draft_number, changes=Changes(texts={"plain": f"More. {POISON}[@wild]"}), reason=POISON)

    def review_again(self):
        self.submission = builders.submit(self.article, self.owner)
        self.reviews("")
        publishing.propose_retraction(
            self.publication, by=self.editor, signing=builders.fresh(self.editor), notice=POISON, reason=POISON
        )


@pytest.fixture
def poisoned(db):
    """Everything poisoned."""
    return Poisoned()


def dangers(text):
    """What the parsed page would run, or let somebody else's words do."""
    for element in html5lib.parse(text, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            continue
        tag, words = element.tag, {name: value for name, value in element.attrib.items() if isinstance(name, str)}
        if tag == "script" and not words.get("src", "").startswith(("/static/", "/admin/jsi18n")) and words.get("type") not in {"application/json", "application/ld+json"}:
            yield f"script {words} {(element.text or '')[:40]}"
        if (tag in {"iframe", "object", "embed", "base", "svg"} and "onload" in words) or tag in {"iframe", "object", "embed", "base"}:
            yield f"{tag} {words}"
        for name, value in words.items():
            if name.lower().startswith("on") or (name in URLS and value.strip().lower().startswith(("javascript:", "vbscript:", "data:text"))) or name == "srcdoc":
                yield f"{tag} {name}={value[:60]}"


def test_what_would_run_is_seen():
    assert len(list(dangers(POISON))) >= 5


@pytest.mark.long
def test_c1_nothing_that_anybody_typed_runs_on_any_page(poisoned, report):
    rows, wrong = [], []
    for name in ("anonymous", "guest", "owner", "reviewer", "editor", "superuser"):
        client = poisoned.guest if name == "guest" else Client(raise_request_exception=False)
        if name not in {"anonymous", "guest"}:
            client.force_login(getattr(poisoned, name))
        starts = addresses.addresses(2, lambda pattern: "logout" not in pattern.route and addresses.own(pattern))
        found = addresses.crawl(client, starts, most=examples(200, 3000))
        shown = 0
        for address, response in found.items():
            text = addresses.body(response).decode(errors="replace")
            shown += "window.ran" in text
            if "html" in response.headers.get("Content-Type", "") and (PROVE or "window.ran" in text):
                wrong += [f"{name} {address}: {danger}" for danger in dangers(text)]
            if response.status_code >= 500:
                wrong.append(f"{name} {address}: {response.status_code}")
            assert "8[j]" not in text.replace("&#x27;", "'"), "a template ran on words of people"
        rows.append([name, len(found), shown])
    report("Hostile words on every page", ["person", "pages read", "pages that show them"], rows)
    assert "\n".join(wrong) == ""
    assert all(row[2] for row in rows)


def test_c1_a_real_browser_runs_none_of_it(site, page, poisoned, context_cookies):
    paths = context_cookies(poisoned, page, site)
    ran = []
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    for path in paths:
        page.goto(site.url + path)
        if page.evaluate("() => window.ran"):
            ran.append(path)
    assert ran == []


@pytest.fixture
def context_cookies(settings):
    """Sign the browser in as the superuser, and say which pages to look at."""

    def sign_in(world, page, site):
        client = Client()
        client.force_login(world.superuser)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": site.url}])
        slug = world.article.addresses.get().slug
        public = ["/", f"/articles/{slug}/", f"/articles/{slug}/plain/", f"/articles/{slug}/history/", "/topics/poison/", "/board/", "/board/reviewer/", "/editorial-policy/"]
        desk = ["/admin/", f"/admin/desk/submissions/{world.submission.pk}/", f"/admin/desk/submissions/{world.submission.pk}/read/", f"/admin/desk/publications/{world.publication.pk}/"]
        return [*public, *desk, f"/admin/articles/article/{world.article.pk}/history/", "/admin/records/event/"]

    return sign_in
