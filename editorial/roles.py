"""Which role may do what: the one table from which groups are made. Policies ask for permissions, never for a role's name."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from records.models import User

AUTHOR, BOARD, EDITOR, CHIEF, ADMINISTRATOR = "Authors", "Advisory board", "Editors", "Editors-in-chief", "Administrators"

_READ_ALL = (
    "articles.view_article", "articles.view_articleversion", "articles.view_reference", "articles.view_topic", "articles.view_articletype",
    "articles.view_evidenceevent", "articles.view_checkwaiver", "articles.view_checkseverity", "articles.view_likelyduplicate",
    "reviews.view_submission", "reviews.view_reviewassignment", "reviews.view_reviewpolicy", "reviews.view_boardmember", "reviews.view_specialty",
    "reviews.view_signature", "editorial.view_publication", "editorial.view_pagenotice", "editorial.view_address", "records.view_person",
    "records.view_event",
)  # fmt: skip

ROLES: dict[str, tuple[str, ...]] = {
    AUTHOR: ("articles.add_article", "articles.add_reference"),
    BOARD: ("reviews.review",),
    EDITOR: (
        *_READ_ALL,
        "articles.add_reference", "articles.change_reference", "articles.merge_reference", "articles.add_evidenceevent", "articles.add_topic", "articles.change_topic",
        "articles.add_draftwaiver", "articles.add_checkseverity", "articles.change_checkseverity",
        "reviews.assign_reviewer", "reviews.override_tie", "reviews.decide_submission", "reviews.open_re_review",
        "editorial.publish", "editorial.withhold", "editorial.retract", "editorial.view_readerquestion", "editorial.answer_question",
    ),
    # Given beside Editors: to let a version through with less than its policy asks for is a permission of its own.
    CHIEF: ("reviews.override_policy",),
    ADMINISTRATOR: (
        *_READ_ALL,
        "records.view_user", "records.add_user", "records.change_user", "records.add_person", "records.change_person",
        "records.view_affiliation", "records.add_affiliation", "records.change_affiliation",
        "records.view_personaltie", "records.add_personaltie", "records.change_personaltie", "records.view_outbox", "records.change_outbox", "records.view_delivery",
        "records.view_sweep", "records.change_sweep",
        "articles.add_topic", "articles.change_topic", "articles.add_articletype", "articles.change_articletype",
        "articles.add_checkseverity", "articles.change_checkseverity",
        "reviews.add_boardmember", "reviews.change_boardmember", "reviews.add_specialty", "reviews.change_specialty", "reviews.add_reviewpolicy",
        "auth.view_group",
    ),
}  # fmt: skip
STAFF = frozenset({BOARD, EDITOR, CHIEF, ADMINISTRATOR})


def make_groups(using: str = "default", **kwargs: Any) -> None:
    """Make or mend the group of each role, with exactly the permissions of the table; ValueError when one does not exist."""
    for name, wanted in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(_permissions(wanted, using))


def _permissions(wanted: tuple[str, ...], using: str) -> list[Permission]:
    named = Q()
    for each in wanted:
        app, codename = each.split(".")
        named |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.using(using).filter(named).select_related("content_type"))
    missing = set(wanted) - {f"{p.content_type.app_label}.{p.codename}" for p in found}
    if missing:
        raise ValueError(f"There is no permission {', '.join(sorted(missing))}.")
    return found


def give(user: User, *roles: str) -> User:
    """Give a person roles; those who work in the admin become staff."""
    user.groups.add(*Group.objects.filter(name__in=roles))
    if STAFF.intersection(roles) and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return user
