"""The records with a state: listed and read here, moved on the desk alone.

`PublishedPage` has no admin: it holds finished bytes that a command rebuilds.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from articles.admin import TopicAdmin
from articles.models import Article, Topic, VersionHand
from editorial import pages
from editorial.models import Address, PageNotice, Publication
from records.admin_base import AuditedAdmin, ReadOnlyAdmin, name_of
from reviews.admin import BoardMemberAdmin
from reviews.models import BoardMember, ReviewAssignment, Submission

admin.site.site_header = "Imprimatur"
admin.site.site_title = "Imprimatur desk"
admin.site.index_title = "Records"
admin.site.enable_nav_sidebar = False


def _to(name: str, key: Any) -> str:
    return format_html('<a href="{}">Open on the desk</a>', reverse(f"desk:{name}", args=[key]))


class ShownOnPages(AuditedAdmin):
    """Rows that finished pages name: with each change these are made anew."""

    def articles_naming(self, row: Any) -> QuerySet[Any, Any]:
        """The keys of the articles whose pages name the row: none, until a kind of row says which."""
        return Article.objects.none().values("pk")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Save, and have the pages made anew."""
        super().save_model(request, obj, form, change)
        if change:
            pages.outdate(self.articles_naming(obj))


@admin.register(Topic)
class ShownTopicAdmin(ShownOnPages, TopicAdmin):
    """Topics: their name stands above every article on them."""

    def articles_naming(self, row: Any) -> QuerySet[Any, Any]:
        """Those that were published under the topic."""
        return Publication.objects.filter(topics=row).values("article")


@admin.register(BoardMember)
class ShownBoardMemberAdmin(ShownOnPages, BoardMemberAdmin):
    """Members of the board: pages that name them link to their profile while it is public."""

    def articles_naming(self, row: Any) -> QuerySet[Any, Any]:
        """Those that the member reviewed or wrote."""
        reviewed = ReviewAssignment.objects.filter(member=row).values("submission__article")
        written = VersionHand.objects.filter(person=row.person_id).values("version__article")
        return Article.objects.filter(Q(pk__in=reviewed) | Q(pk__in=written)).values("pk")


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Every submission with its state. What moves one is done on the desk."""

    list_display = ("version", "kind", "state", "submitted_at", "decided_at", "desk")
    list_select_related = ("version",)
    list_filter = ("state", "kind")
    search_fields = ("version__title",)
    ordering = ("-submitted_at",)
    fields = ("desk", "version", "kind", "policy", "state", "submitted_at", "submitter", "under_review_at", "due_on", "decided_at", "decider", "note")

    @admin.display(description="desk")
    def desk(self, found: Submission) -> str:
        """Its page on the desk."""
        return _to("submission", found.pk)

    @admin.display(description="submitted by")
    def submitter(self, found: Submission) -> str:
        """Who submitted it."""
        return name_of(found.submitted_by)

    @admin.display(description="decided by")
    def decider(self, found: Submission) -> str:
        """Who decided."""
        return name_of(found.decided_by) if found.decided_by else "Nobody yet"


@admin.register(ReviewAssignment)
class ReviewAssignmentAdmin(ReadOnlyAdmin):
    """Who was asked to review what. What was recommended is read on the desk."""

    list_display = ("version_title", "member", "state", "assigned_at", "answer_by", "due_on")
    list_select_related = ("submission__version", "member__person")
    list_filter = ("state",)
    search_fields = ("submission__version__title", "member__person__name")
    ordering = ("-assigned_at",)
    fields = (
        "desk", "version_title", "member", "state", "assigned_at", "answer_by", "due_on", "named_in_public", "tie_override", "answered_at",
        "opened_at", "completed_at", "ended_reason", "unsure_waived_reason", "set_aside_reason",
    )  # fmt: skip

    @admin.display(description="desk")
    def desk(self, found: ReviewAssignment) -> str:
        """The submission's page on the desk."""
        return _to("submission", found.submission_id)

    @admin.display(description="version")
    def version_title(self, found: ReviewAssignment) -> str:
        """What is reviewed."""
        return str(found.submission.version)


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    """What is and was public. What changes it is done on the desk."""

    list_display = ("version_title", "state", "published_at", "last_reviewed_on", "review_due_on", "desk")
    list_select_related = ("submission__version",)
    list_filter = ("state",)
    search_fields = ("submission__version__title",)
    ordering = ("-published_at",)
    fields = (
        "desk", "version_title", "state", "scheduled_for", "published_at", "publisher", "approved_on", "last_reviewed_on", "last_updated_on",
        "review_due_on", "change_note", "ended_on", "withheld_reason", "withheld_on", "retraction_notice", "retraction_reason", "retracted_on",
    )  # fmt: skip

    @admin.display(description="desk")
    def desk(self, found: Publication) -> str:
        """Its page on the desk."""
        return _to("publication", found.pk)

    @admin.display(description="version")
    def version_title(self, found: Publication) -> str:
        """What is public."""
        return str(found.submission.version)

    @admin.display(description="published by")
    def publisher(self, found: Publication) -> str:
        """Who published it."""
        return name_of(found.published_by)


@admin.register(Address)
class AddressAdmin(ReadOnlyAdmin):
    """The public addresses; earlier ones redirect."""

    list_display = ("slug", "is_current", "since")
    list_filter = ("is_current",)
    search_fields = ("slug",)
    ordering = ("slug",)
    fields = ("slug", "is_current", "since")


@admin.register(PageNotice)
class PageNoticeAdmin(ReadOnlyAdmin):
    """What was said on public pages, and when it ended."""

    list_display = ("kind", "since", "made_at", "maker", "is_end")
    list_select_related = ("made_by__person",)
    list_filter = ("kind",)
    search_fields = ("words",)
    ordering = ("-made_at",)
    fields = ("kind", "words", "since", "made_at", "maker", "is_end")

    @admin.display(description="by")
    def maker(self, notice: PageNotice) -> str:
        """Who put it there."""
        return name_of(notice.made_by)

    @admin.display(description="ends another", boolean=True)
    def is_end(self, notice: PageNotice) -> bool:
        """Whether the row ends an earlier notice."""
        return notice.ends_id is not None
