"""The admin: changes say who and why, nothing is deleted, history is read and never written."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from articles.models import Reference, Topic
from editorial import roles
from records.admin_base import AuditedAdmin
from records.history import save_as
from records.models import Event, Outbox, Person, User
from tests import builders
from tests.editorial.desk import seen_by

OURS = ("records", "articles", "reviews", "editorial")
# Models without an admin, and why: see the modules' docstrings.
WITHOUT = {
    "records.PrintedName", "articles.ArticleText", "articles.Authorship", "articles.Citation", "articles.VersionText",
    "articles.VersionReference", "articles.VersionCitation", "articles.VersionHand", "reviews.Interest", "reviews.ReferenceAnswer",
    "reviews.Comment", "reviews.Reply", "editorial.PublishedPage", "records.MailPreference", "records.CalendarLink", "records.Sweep",
    "reviews.OutsideReviewer", "reviews.OutsideInterest", "reviews.OutsideReview", "reviews.PolicyOverride", "reviews.KnownConflict", "editorial.SavedFilter",
    "articles.ListImport", "articles.ListedEvent", "articles.LookUp", "editorial.EvidenceCase", "editorial.EvidenceOutcome",
    "editorial.SearchEntry", "editorial.SearchSpelling", "editorial.TopicEntry", "editorial.CacheDrop", "editorial.WaiverQuestion",
    "editorial.ReaderQuestion", "editorial.FormUse",
}  # fmt: skip


def registered():
    return {model: each for model, each in admin.site._registry.items() if model._meta.app_label in OURS or model._meta.label == "auth.Group"}


@pytest.mark.parametrize("page", ["change", "delete"])
def test_a_row_is_looked_for_by_its_key_where_no_field_is_named(client, superuser, published, page):
    client.force_login(superuser)
    row = Outbox.objects.first()
    assert client.get(f"/admin/records/outbox/{row.pk}/{page}/?_to_field=").status_code in (200, 403)


def test_every_model_has_an_admin_or_a_reason_not_to():
    from django.apps import apps

    known = {model._meta.label for model in registered()}
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            if model.__name__.startswith("Historical"):
                continue
            label = model._meta.label
            assert (label in known) != (label in WITHOUT), label


def test_a6_no_admin_acts_on_many_rows_and_none_deletes(rf, superuser):
    request = rf.get("/")
    request.user = superuser
    for model, each in admin.site._registry.items():
        assert isinstance(each, AuditedAdmin), model
        assert each.get_actions(request) == {}, model
        assert not each.has_delete_permission(request), model
        assert each.list_per_page == 25
        assert not each.show_full_result_count


def test_a6_posting_delete_selected_deletes_nothing(client, superuser):
    topic = Topic.objects.create(name="Spine", slug="spine")
    seen_by(client, superuser).post(
        reverse("admin:articles_topic_changelist"), {"action": "delete_selected", "_selected_action": [topic.pk], "post": "yes"}
    )
    assert Topic.objects.filter(pk=topic.pk).exists()
    assert client.post(reverse("admin:articles_topic_delete", args=[topic.pk]), {"post": "yes"}).status_code == 403


def test_a_change_is_kept_with_its_person_and_reason(client, editor):
    reference, _ = builders.make_references()
    url = reverse("admin:articles_reference_change", args=[reference.pk])
    fields = {"kind": "guideline", "form": "article", "title": "Guideline on nerves, second edition", "source": "Society", "year": "2024", "doi": "10.1000/guide"}
    refused = seen_by(client, editor).post(url, fields)
    assert refused.status_code == 200
    assert "Say why this is changed." in refused.content.decode()
    assert client.post(url, {**fields, "change_reason": "The second edition came out."}).status_code == 302
    row = Reference.objects.get(pk=reference.pk).history.first()
    assert (row.history_user, row.history_change_reason, row.title) == (editor, "The second edition came out.", "Guideline on nerves, second edition")


def test_the_admins_own_log_holds_ids_and_no_names(client, administrator):
    seen_by(client, administrator).post(reverse("admin:records_person_add"), {"name": "Canary Name", "credentials": "MD"})
    assert Person.objects.filter(name="Canary Name").exists()
    entry = LogEntry.objects.get()
    assert "Canary" not in entry.object_repr + entry.change_message


@pytest.fixture
def topic(editor):
    return save_as(save_as(Topic(name="Spine", slug="spine"), by=editor), by=editor, reason="first")


def test_history_is_shown_with_person_and_reason(client, editor, topic):
    topic.name = "Back"
    save_as(topic, by=editor, reason="A plainer word")
    page = seen_by(client, editor).get(reverse("admin:articles_topic_history", args=[topic.pk])).content.decode()
    assert "A plainer word" in page
    assert "Edith Editor" in page
    assert " style=" not in page


def test_history_cannot_be_written_by_posting_to_it(client, editor, administrator, topic):
    row = topic.history.last()
    urls = [reverse("admin:articles_topic_history", args=[topic.pk]), reverse("admin:articles_topic_simple_history", args=[topic.pk, row.pk])]
    seen_by(client, editor)
    for url in urls:
        assert client.get(url).status_code == 200
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(url, {"name": "Overwritten", "slug": "overwritten"})
            assert answer.status_code == 403, (url, method)
    assert Topic.objects.get(pk=topic.pk).name == "Spine"


def test_history_of_what_one_does_not_find_is_absent(client, editor, topic):
    row = topic.history.last()
    seen_by(client, editor)
    assert client.get(reverse("admin:articles_topic_simple_history", args=[topic.pk + 999, row.pk])).status_code == 404
    assert client.get(reverse("admin:articles_topic_history", args=[topic.pk + 999])).status_code == 404
    assert client.get(f"/admin/articles/topic/{topic.pk}/history/nonsense/").status_code == 404


def test_the_history_of_a_draft_has_no_page(client, superuser, article):
    row = article.history.first()
    seen_by(client, superuser)
    for url in (
        reverse("admin:articles_article_history", args=[article.pk]),
        reverse("admin:articles_article_simple_history", args=[article.pk, row.pk]),
        reverse("admin:articles_article_change", args=[article.pk]),
    ):
        assert client.get(url).status_code == 404


def test_b2_editors_list_articles_without_a_word_of_the_draft(client, editor, author, submitted):
    builders.revise(submitted.article, author, professional="Canaryword only in the draft.")
    from articles import drafting

    article = type(submitted.article).objects.get(pk=submitted.article_id)
    drafting.revise(article, by=author, draft_number=article.draft_number, changes=drafting.Changes(fields={"title": "Canarytitle of the draft"}))
    page = seen_by(client, editor).get(reverse("admin:articles_article_changelist")).content.decode()
    assert "Canary" not in page
    assert submitted.version.title in page


@pytest.mark.parametrize("name", ["version", "signature", "submission"])
def test_rows_that_acts_write_cannot_be_edited(client, superuser, published, name):
    rows = {
        "version": ("articles_articleversion", published.submission.version),
        "signature": ("reviews_signature", published.submission.signatures.first()),
        "submission": ("reviews_submission", published.submission),
    }
    model, row = rows[name]
    seen_by(client, superuser)
    assert client.get(reverse(f"admin:{model}_change", args=[row.pk])).status_code == 200
    assert client.post(reverse(f"admin:{model}_change", args=[row.pk]), {"title": "x", "state": "approved"}).status_code == 403
    assert client.get(reverse(f"admin:{model}_add")).status_code == 403


def test_every_list_takes_as_many_queries_for_many_rows_as_for_few(client, superuser, author, editor, reviewer, reviewer2, published, django_assert_max_num_queries):
    seen_by(client, superuser)
    counts = {}
    for model in registered():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        client.get(url)
        with django_assert_max_num_queries(30) as found:
            assert client.get(url).status_code == 200, url
        counts[url] = len(found)
    for number in range(3):
        builders.walk_to_published(builders.make_article(author, title=f"Another question {number}"), author, editor, reviewer, reviewer2)
        builders.make_member(f"Member {number}", f"Field {number}")
    for url, number in counts.items():
        with django_assert_max_num_queries(number + 1):  # one more: a second page of links may ask for a count
            client.get(url)


def test_every_page_of_a_row_can_be_read_and_searched(client, superuser, published):
    seen_by(client, superuser)
    for model in registered():
        app, name = model._meta.app_label, model._meta.model_name
        assert client.get(reverse(f"admin:{app}_{name}_changelist"), {"q": "nerve"}).status_code == 200
        row = model._default_manager.first()
        if row is not None and name != "article":
            answer = client.get(reverse(f"admin:{app}_{name}_change", args=[row.pk]))
            assert answer.status_code in {200, 302}, (name, answer.status_code)


# ---- Accounts


def account(client, user, **fields):
    url = reverse("admin:records_user_change", args=[user.pk])
    given = {"email": user.email, "is_active": "on", "groups": [group.pk for group in user.groups.all()], "change_reason": "Because", **fields}
    return client.post(url, {key: value for key, value in given.items() if value is not None})


def test_administrators_add_accounts_that_have_no_password_and_give_them_roles(client, administrator):
    from django.contrib.auth.models import Group

    board = Group.objects.get(name=roles.BOARD)
    seen_by(client, administrator).post(reverse("admin:records_user_add"), {"email": "New@Example.org", "is_active": "on", "groups": [board.pk]})
    user = User.objects.get(email="new@example.org")
    assert not user.has_usable_password()
    assert user.is_staff
    assert not user.is_superuser
    assert Event.objects.filter(act="add", by=administrator).exists()


def test_a10_a_deactivated_account_can_do_nothing_from_that_moment(client, administrator, editor):
    from django.test import Client

    other = seen_by(Client(), editor)
    assert other.get(reverse("admin:index")).status_code == 200
    assert account(seen_by(client, administrator), editor, is_active=None).status_code == 302
    assert other.get(reverse("admin:index")).status_code == 302
    event = Event.objects.filter(act="change").last()
    assert (event.by, event.note, event.detail) == (administrator, "Because", {"fields": ["is_active"]})


def test_a7_an_administrator_cannot_make_a_superuser_or_change_one(client, administrator, editor, superuser):
    seen_by(client, administrator)
    account(client, editor, is_superuser="on", is_staff="on", password="known")
    editor = User.objects.get(pk=editor.pk)
    assert not editor.is_superuser
    assert editor.check_password(builders.PASSWORD)
    assert account(client, superuser, email="mine@example.org").status_code == 403
    assert client.get(reverse("admin:records_user_change", args=[superuser.pk])).status_code == 200


def test_who_loses_the_last_role_in_the_admin_is_staff_no_more(client, administrator, editor):
    account(seen_by(client, administrator), editor, groups=[])
    assert not User.objects.get(pk=editor.pk).is_staff


def test_a11_accounts_are_never_deleted(client, superuser, editor):
    answer = seen_by(client, superuser).post(reverse("admin:records_user_delete", args=[editor.pk]), {"post": "yes"})
    assert answer.status_code == 403
    assert User.objects.filter(pk=editor.pk).exists()


def test_an_account_stays_the_persons_it_was_given_to(client, administrator, editor, outsider):
    person = editor.person
    url = reverse("admin:records_person_change", args=[person.pk])
    seen_by(client, administrator).post(url, {"name": "New Name", "credentials": "MD", "user": outsider.pk, "change_reason": "Married"})
    person = Person.objects.get(pk=person.pk)
    assert (person.name, person.user) == ("New Name", editor)


# ---- Policies


def test_a_changed_policy_is_a_new_number_and_the_old_one_stays(client, administrator):
    kind = builders.make_type("treatment", approvals=2)
    old = kind.policies.get()
    seen_by(client, administrator)
    form = client.get(reverse("admin:reviews_reviewpolicy_add"), {"from": str(old.pk)})
    assert form.context["adminform"].form.initial["approvals"] == 2
    fields = {
        "article_type": kind.pk, "approvals": "3", "medical_approvals": "1", "interval_months": "24", "ahead_days": "90", "grace_days": "90",
        "after_grace": "keep", "invitation_days": "7", "review_days": "21", "evidence_days": "14", "reason": "Three are better.",
    }  # fmt: skip
    assert client.post(reverse("admin:reviews_reviewpolicy_add"), fields).status_code == 302
    assert list(kind.policies.order_by("number").values_list("number", "approvals")) == [(1, 2), (2, 3)]
    assert Event.objects.filter(act="adopt_policy", by=administrator, note="Three are better.").exists()
    assert client.post(reverse("admin:reviews_reviewpolicy_change", args=[old.pk]), fields).status_code == 403


@pytest.mark.parametrize("who", ["editor", "reviewer", "author", "outsider"])
def test_only_administrators_adopt_policies_and_make_accounts(client, request, who):
    seen_by(client, request.getfixturevalue(who))
    for name in ("admin:reviews_reviewpolicy_add", "admin:records_user_add", "admin:records_user_changelist"):
        assert client.get(reverse(name)).status_code in {302, 403}


def test_nonsense_in_the_address_is_no_error(client, administrator):
    seen_by(client, administrator)
    assert client.get(reverse("admin:reviews_reviewpolicy_add"), {"from": "nonsense"}).status_code == 200
    assert client.get(reverse("admin:records_event_changelist"), {"q": "\x00 nonsense"}).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "records/user/?password__startswith=pbkdf2", "records/user/?email__regex=(", "records/user/?last_login__year=10000",
        "articles/article/?summary__contains=a", "articles/article/?title__regex=^(a|a)%2B$", "articles/article/?draft_number__in=99999999999999999999",
        "records/event/?act=recommend&detail__recommendation=approve", "records/event/?at__year=10000",
    ],
)  # fmt: skip
def test_a12_a_list_is_narrowed_by_its_own_filters_alone(client, superuser, published, asked):
    assert seen_by(client, superuser).get(f"/admin/{asked}").status_code == 400


@pytest.mark.parametrize("asked", ["records/user/?is_active__exact=1", "records/user/?groups__id__exact=1", "articles/article/?article_type__id__exact=1", "articles/reference/?kind__exact=guideline"])
def test_the_filters_of_a_list_narrow_it(client, superuser, published, asked):
    assert seen_by(client, superuser).get(f"/admin/{asked}").status_code == 200


def test_coi_3_a_seat_on_the_board_is_not_passed_on_to_somebody_else(client, superuser, reviewer, outsider):
    from django.db import IntegrityError, OperationalError, transaction

    from reviews.models import BoardMember

    seat = BoardMember.objects.get(person=reviewer.person)
    page = seen_by(client, superuser).get(f"/admin/reviews/boardmember/{seat.pk}/change/").content.decode()
    assert 'name="person"' not in page
    for change in (lambda: BoardMember.objects.filter(pk=seat.pk).update(person=outsider.person), lambda: setattr(seat, "person", outsider.person) or seat.save()):
        with pytest.raises((IntegrityError, OperationalError)), transaction.atomic():
            change()
    assert BoardMember.objects.get(pk=seat.pk).person == reviewer.person
