"""What is cited, how articles are sorted, and what was frozen.

Drafts are read by the people who write them alone: `Article` is listed without a word of its draft and has no page here;
`ArticleText`, `Authorship` and `Citation` have none at all. The frozen texts are read on the desk, by those a review lets in.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from articles.checks import CHECKS
from articles.models import Article, ArticleType, ArticleVersion, CheckSeverity, CheckWaiver, DraftWaiver, EvidenceEvent
from records.admin_base import AuditedAdmin, ReadOnlyAdmin, ReasonForm, name_of


@admin.register(Article)
class ArticleAdmin(ReadOnlyAdmin):
    """Which articles there are: by the title of the newest version, never by that of the draft."""

    list_display = ("frozen_title", "article_type", "language", "version_count", "created_at", "saved_at")
    list_display_links = None
    list_select_related = ("article_type",)
    list_filter = ("article_type",)
    search_fields = ("versions__title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Articles with the title of their newest version; the draft's own words are not read."""
        newest = ArticleVersion.objects.filter(article=OuterRef("pk")).order_by("-number").values("title")[:1]
        return super().get_queryset(request).defer("title", "summary", "funding", "sponsor").annotate(
            newest_title=Subquery(newest), version_count=Count("versions", distinct=True)
        )

    @admin.display(description="title of the newest version")
    def frozen_title(self, article: Any) -> str:
        """The title of the newest version; a draft that was never submitted has none that others may read."""
        return article.newest_title or "Not submitted yet"

    @admin.display(description="versions", ordering="version_count")
    def version_count(self, article: Any) -> int:
        """How many versions were frozen."""
        return int(article.version_count)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        """None: the draft belongs to its writers."""
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """None: the history of a draft is a draft too."""
        raise Http404

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """None: the history of a draft is a draft too."""
        raise Http404


@admin.register(ArticleVersion)
class ArticleVersionAdmin(ReadOnlyAdmin):
    """What was frozen, when and by whom; its text is read on the desk. Salts are shown nowhere."""

    list_display = ("title", "number", "type_name", "language", "frozen_at")
    search_fields = ("title", "digest")
    ordering = ("-frozen_at",)
    fields = ("title", "number", "type_name", "language", "frozen_at", "frozen_by_name", "digest")

    @admin.display(description="frozen by")
    def frozen_by_name(self, version: ArticleVersion) -> str:
        """Who submitted it."""
        return name_of(version.frozen_by)


@admin.register(ArticleType)
class ArticleTypeAdmin(AuditedAdmin):
    """The kinds of content; each has its own review policy."""

    list_display = ("name", "key", "is_notice")
    search_fields = ("name", "key")
    prepopulated_fields = {"key": ("name",)}


class TopicAdmin(AuditedAdmin):
    """The subjects under which readers find articles. Registered where public pages are made anew: `editorial/desk/admin.py`."""

    settled = ("slug",)

    list_display = ("name", "slug")
    search_fields = ("name", "slug")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        """The address follows the name as it is typed, while there is none."""
        return {} if obj else {"slug": ("name",)}


@admin.register(EvidenceEvent)
class EvidenceEventAdmin(ReadOnlyAdmin):
    """What happened to cited works."""

    list_display = ("reference", "kind", "happened_on", "reported_by", "noted_at")
    list_select_related = ("reference",)
    list_filter = ("kind",)
    search_fields = ("reference__title", "reference__doi", "notice_doi")
    ordering = ("-noted_at",)


@admin.register(CheckWaiver)
class CheckWaiverAdmin(ReadOnlyAdmin):
    """Findings that an editor accepted, with the reason."""

    list_display = ("version", "check_id", "place", "by_name", "at")
    list_select_related = ("version", "by__person")
    search_fields = ("version__title", "check_id", "place")
    ordering = ("-at",)
    fields = ("version", "check_id", "place", "by_name", "reason", "at")

    @admin.display(description="accepted by")
    def by_name(self, waiver: CheckWaiver) -> str:
        """Who accepted it."""
        return name_of(waiver.by)


@admin.register(DraftWaiver)
class DraftWaiverAdmin(ReadOnlyAdmin):
    """Findings on drafts that an editor let stand, with the reason; of the draft itself nothing is shown."""

    list_display = ("check_id", "place", "by_name", "at")
    list_select_related = ("by__person",)
    search_fields = ("check_id", "place")
    ordering = ("-at",)
    fields = ("check_id", "place", "by_name", "reason", "at")

    @admin.display(description="let stand by")
    def by_name(self, waiver: DraftWaiver) -> str:
        """Who let it stand."""
        return name_of(waiver.by)


class SeverityForm(ReasonForm):
    """How heavily a check weighs: the check is chosen from those that there are."""

    check_id = forms.ChoiceField(label="Check")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(field := self.fields.get("check_id"), forms.ChoiceField):
            field.choices = [("", "Choose a check"), *((each.id, f"{each.id}: {each.title}") for each in CHECKS.values())]

    def clean(self) -> dict[str, Any]:
        """What nobody may let stand, such as interests that nobody declared, refuses submission whatever the type."""
        cleaned = super().clean()
        check = CHECKS.get(str(cleaned.get("check_id", "")))
        if check is not None and not check.can_be_waived and cleaned.get("level") != CheckSeverity.Level.MUST_FIX:
            self.add_error("level", "What this check finds has to be fixed: it cannot be made lighter.")
        return cleaned


@admin.register(CheckSeverity)
class CheckSeverityAdmin(AuditedAdmin):
    """What findings do, for one type of article. A check without a row here does what it usually does (docs/reference/checks.md)."""

    form = SeverityForm
    list_display = ("check_id", "article_type", "level", "usual")
    list_select_related = ("article_type",)
    list_filter = ("article_type", "level")
    search_fields = ("check_id",)
    fields = ("article_type", "check_id", "level")

    @admin.display(description="usually")
    def usual(self, severity: CheckSeverity) -> str:
        """What the check does without this row."""
        check = CHECKS.get(severity.check_id)
        return str(CheckSeverity.Level(check.level_for(severity.article_type.key)).label) if check else "There is no such check"
