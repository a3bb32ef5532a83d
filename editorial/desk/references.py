"""The registry of references at the desk: the works with their history, what may be one work, and the act that makes it one."""

from typing import Any

from django import forms as fields
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from articles import guidelines, merging
from articles.citations import Source
from articles.citing_styles import format_ama, format_vancouver
from articles.models import Citation, LikelyDuplicate, Reference, VersionReference
from editorial import cited_works
from editorial.desk import forms
from editorial.desk.acts import ActPage, desk, person
from editorial.desk.chips import Chip
from editorial.desk.rows import Button, Row, paged_rows
from records.admin_base import AuditedAdmin, ReadOnlyAdmin, ReasonForm, person_of
from records.models import User
from records.permits import may

# ---- The entries


class ReferenceEntryForm(ReasonForm):
    """One entry, changed for a reason; what it is said to replace can be replaced by it."""

    def clean(self) -> dict[str, Any]:
        """A guideline replaces an earlier guideline."""
        cleaned = super().clean()
        earlier = cleaned.get("supersedes")
        if earlier is not None:
            newer = Reference(pk=self.instance.pk, kind=cleaned.get("kind", ""), year=cleaned.get("year"))
            for sentence in guidelines.refusals(newer, earlier):
                self.add_error("supersedes", sentence)
        return cleaned


class IsMerged(admin.SimpleListFilter):
    """Entries that stand, or those that were merged into another one."""

    title, parameter_name = "entry", "entry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What can be chosen beside the standing ones."""
        return [("merged", "Merged into another"), ("replaced", "Replaced guidelines")]

    def choices(self, changelist: Any) -> Any:
        """The first choice is what stands, not everything."""
        first, *others = super().choices(changelist)
        return [{**first, "display": "Standing"}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The entries of the choice."""
        if self.value() == "merged":
            return queryset.exclude(merged_into=None)
        standing = queryset.filter(merged_into=None)
        return standing.filter(superseded_by__isnull=False).distinct() if self.value() == "replaced" else standing


@admin.register(Reference)
class ReferenceAdmin(AuditedAdmin):
    """Cited works, one row each. What a version cites was copied when it was frozen, and does not change with this."""

    form = ReferenceEntryForm
    list_display = ("title", "kind", "form", "source", "year", "doi", "pmid", "evidence")
    list_filter = (IsMerged, "kind", "form")
    search_fields = ("title", "authors", "source", "doi", "pmid", "pmcid", "isbn", "issuing_body")
    autocomplete_fields = ("supersedes",)
    readonly_fields = ("entry", "vancouver", "ama", "cited")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reference]:
        """References with where they stand."""
        queryset: QuerySet[Reference] = super().get_queryset(request)
        return queryset.with_status()  # type: ignore[attr-defined]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An entry that was merged into another is kept as it was."""
        return super().has_change_permission(request, obj) and (obj is None or obj.merged_into_id is None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new entry has nothing to be shown beside its fields."""
        return self.readonly_fields if obj is not None else ()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Where an earlier guideline is looked for, standing guidelines are found."""
        if request.GET.get("field_name") == "supersedes":
            queryset = queryset.standing().filter(kind=Reference.Kind.GUIDELINE)
        return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the entry, and at once do what follows from it."""
        super().save_model(request, obj, form, change)
        cited_works.follow_change(obj, form.changed_data, by=person_of(request))

    @admin.display(description="evidence")
    def evidence(self, reference: Any) -> str:
        """Where the work stands; silence is said to be silence."""
        return str(reference.status.label)

    @admin.display(description="entry")
    def entry(self, reference: Reference) -> str:
        """What stands for the work now, what was merged into it, and what replaces it."""
        said = [("Merged into", row) for row in [reference.merged_into] if row is not None]
        said += [("Also entered as", row) for row in reference.merged.all()] + [("Replaced by", row) for row in reference.superseded_by.all()]
        parts = [(words, _page_of(row.pk), row) for words, row in said]
        return format_html_join("; ", '{}: <a href="{}">{}</a>', parts) if parts else "One entry; nothing replaces it."

    @admin.display(description="in Vancouver style")
    def vancouver(self, reference: Reference) -> str:
        """As lists of references have it."""
        return format_vancouver(Source.of(reference))

    @admin.display(description="in AMA style")
    def ama(self, reference: Reference) -> str:
        """As lists of references have it, by the AMA's manual."""
        return format_ama(Source.of(reference))

    @admin.display(description="cited in")
    def cited(self, reference: Reference) -> str:
        """How many drafts and versions cite it, with the way to what rests on it."""
        return format_html('{}. <a href="{}">What rests on this work</a>', _cited_in([reference]), reverse("desk:impact", args=[reference.work_id]))


def _page_of(pk: int) -> str:
    return reverse("admin:articles_reference_change", args=[pk])


def _cited_in(rows: list[Reference]) -> str:
    drafts = Citation.objects.filter(reference__in=rows).values("article").distinct().count()
    versions = VersionReference.objects.filter(reference__in=rows).values("version").distinct().count()
    return f"{drafts} draft{'s' * (drafts != 1)} and {versions} version{'s' * (versions != 1)}"


@admin.register(LikelyDuplicate)
class LikelyDuplicateAdmin(ReadOnlyAdmin):
    """What was proposed as one work, and what an editor said of it. It is decided on the desk."""

    list_display = ("first", "second", "why", "outcome", "proposed_at")
    list_select_related = ("first", "second")
    list_filter = ("outcome",)
    search_fields = ("first__title", "second__title")


# ---- What may be one work


@desk("merge_references")
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for an editor, the oldest first."""
    if not may("merge_references", person(request)):
        raise Http404
    found = LikelyDuplicate.objects.open().select_related("first", "second")  # type: ignore[attr-defined]
    page, pages = paged_rows(request, found.order_by("proposed_at", "pk"))
    context = {"heading": "May be one work", "rows": [_row(pair) for pair in page.object_list], "pages": pages, "empty": "No two references look like one work."}
    return render(request, "admin/desk/duplicates.html", context)


def _row(pair: LikelyDuplicate) -> Row:
    url = reverse("desk:merge_references", args=[pair.pk])
    facts = []
    for label, row in (("First", pair.first), ("Second", pair.second)):
        told = (row.source or row.issuing_body, str(row.year or ""), row.doi, row.pmid and f"PMID {row.pmid}")
        facts.append(f"{label}: {', '.join(filter(None, told)) or 'title alone'}")
    return Row(pair.first.title, url, [Chip(pair.why, "info", "info")], facts, button=Button("Compare", url))


class MergeForm(forms.DeskForm):
    """Which of the two stands for the work, or that they are two works; and why."""

    decision = fields.ChoiceField(label="What they are", widget=fields.RadioSelect, error_messages={"required": "Choose what they are."})
    reason = forms.words("Reason", help_text="Kept with the history of both entries.", rows=2)

    def __init__(self, *args: Any, pair: LikelyDuplicate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [  # type: ignore[attr-defined]
            ("first", "One work: keep the first, merge the second into it"),
            ("second", "One work: keep the second, merge the first into it"),
            ("apart", "Two works: do not propose them again"),
        ]


class MergeReferences(ActPage):
    """Two entries side by side, and the editor's decision about them."""

    step, template_name = "merge_references", "admin/desk/merge.html"
    heading, button = "Are these one work?", "Record the decision"
    form_class = MergeForm

    def rows(self, user: User) -> Any:
        """The pairs that wait, for those who may decide."""
        found = LikelyDuplicate.objects.open().select_related("first", "second")  # type: ignore[attr-defined]
        return found if may("merge_references", user) else found.none()

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form speaks of this pair."""
        return {**super().get_form_kwargs(), "pair": self.object}

    def says(self) -> list[str]:
        """What a merge does."""
        return [
            "The kept entry takes from the other what it has no answer for. Everything that cites either stays as it is, and is led to the kept one.",
            "Versions that were frozen keep every word. What happened to either work counts for both. A merge cannot be undone.",
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Both entries field by field, how each would read, and who cites them."""
        first, second = self.object.first, self.object.second
        shown = [field for field in Source.__dataclass_fields__ if getattr(first, field) or getattr(second, field)]
        lines = [(str(getattr(Reference._meta.get_field(name), "verbose_name", name)), _said(first, name), _said(second, name)) for name in shown]
        return super().get_context_data(
            pair=self.object, sides=[(row, _page_of(row.pk), _cited_in([row]), format_vancouver(Source.of(row))) for row in (first, second)],
            lines=[(label, one, other, one != other) for label, one, other in lines],
            merged=[format_vancouver(merging.merged_source(second, first)), format_vancouver(merging.merged_source(first, second))], **kwargs,
        )  # fmt: skip

    def back(self) -> str:
        """The list."""
        return reverse("desk:duplicates")

    def act(self, by: User, form: Any) -> str:
        """Merge them, or keep them apart."""
        decision, reason = form.cleaned_data["decision"], form.cleaned_data["reason"]
        if decision == "apart":
            merging.keep_apart(self.object, by=by, reason=reason)
            return "Kept as two works. They are not proposed again."
        pair = (self.object.first, self.object.second)
        winner, loser = pair if decision == "first" else pair[::-1]
        cited_works.merge(loser, into=winner, by=by, reason=reason)
        return f"Merged. “{winner.title[:120]}” stands for both."


def _said(row: Reference, name: str) -> str:
    show = getattr(row, f"get_{name}_display", None)
    value = show() if show else getattr(row, name)
    return str(value) if value else ""
