"""The admin of this house: every change says who and why, nothing is deleted, history is read and never written."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from simple_history.admin import SimpleHistoryAdmin

from records.history import save_as
from records.models import User, record
from records.permits import ruled_by

PAGE = 25
# How Django's list filters ask: a choice, a yes or no, a row of another table, or nothing.
FILTERED_BY = frozenset({"", "exact", "id__exact", "isnull"})


def name_of(user: Any) -> str:
    """The printed name of the person behind an account, else its address; asks nothing when the person was selected with it."""
    person = getattr(user, "person", None)
    return str(person.name if person is not None else user.email)


class ReasonForm(forms.ModelForm):
    """A form that asks why a row is changed; the answer is kept with the history of the row."""

    change_reason = forms.CharField(
        label="Reason for the change",
        max_length=200,
        required=False,
        help_text="Kept for good with the history of this record.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean(self) -> dict[str, Any]:
        """An existing row is changed for a reason; a new one needs none."""
        cleaned = super().clean() or {}
        if not self.instance._state.adding and self.has_changed() and not str(cleaned.get("change_reason", "")).strip():
            self.add_error("change_reason", "Say why this is changed.")
        return cleaned


class Searched(AutocompleteSelect):
    """A choice by search. What is no key of the table is no choice; Django's own widget breaks on it."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The options for the values that can be keys."""
        return super().optgroups(name, [each for each in value if self._is_key(each)], attr)

    def _is_key(self, value: Any) -> bool:
        try:
            self.field.remote_field.model._meta.pk.to_python(value)
        except ValidationError:
            return False
        return True


class AuditedAdmin(SimpleHistoryAdmin):
    """Shows and edits rows in the name of a person, with a reason; nothing is deleted and no action runs over many rows.

    A row is found only through `get_queryset(request)`, its history too. History pages are read: whoever may view a row
    could else overwrite it by a POST to them.
    """

    form: type[forms.ModelForm] = ReasonForm
    # Fields that stay what they were given at first, such as a public address.
    settled: ClassVar[tuple[str, ...]] = ()
    actions = None
    list_per_page = PAGE
    list_max_show_all = PAGE
    show_full_result_count = False
    save_on_top = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {models.URLField: {"assume_scheme": "https"}}
    history_list_per_page = PAGE
    object_history_template = "admin/history.html"
    object_history_list_template = "admin/_history_rows.html"
    object_history_form_template = "admin/history_form.html"

    @property
    def has_history(self) -> bool:
        """Whether rows of this model keep their history."""
        return hasattr(self.model._meta, "simple_history_manager_attribute")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether a list may be narrowed so: by its own filters alone, one value each. Any other lookup would tell what its pages do not show (A12)."""
        named = {getattr(each, "parameter_name", each) for each in self.get_list_filter(request)}
        field, _, how = lookup.partition("__")
        return field in named and how in FILTERED_BY

    def get_urls(self) -> list[Any]:
        """The addresses of the rows; Django's own permissions decide about each, for staff alone."""
        urls: list[Any] = super().get_urls()
        for url in urls:
            ruled_by("staff")(url.callback)
        return urls

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; a request that names the field to look in as nothing means the key."""
        return super().get_object(request, object_id, from_field or None)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is chosen by search is chosen with our own widget."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Searched(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes: what happened is kept."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """The fields of the row, then the reason for the change, where there is something to change."""
        named = [field for field in self.get_fields(request, obj) if field != "change_reason"] if not self.fieldsets else None
        sets = [(None, {"fields": named})] if named is not None else [*self.fieldsets]
        if obj is not None and self.has_change_permission(request, obj):
            sets.append(("Why", {"fields": ["change_reason"]}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is settled cannot be changed once the row is there."""
        return [*super().get_readonly_fields(request, obj), *(self.settled if obj else ())]

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        """Save in the name of the person: in the history of the row, else as an event that names the fields."""
        by = person_of(request)
        reason = str(form.cleaned_data.get("change_reason", "")).strip()
        if self.has_history:
            save_as(obj, by=by, reason=reason)
            return
        detail = self.detail_of(obj, form)
        obj.save()
        record(obj, "change" if change else "add", by=by, after="", note=reason, detail=detail)

    def detail_of(self, obj: Any, form: forms.ModelForm) -> dict[str, Any]:
        """What the event of a change notes, asked before the row is saved: which fields, never what personal words stand in them."""
        return {"fields": [name for name in form.changed_data if name != "change_reason"]}

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Refused."""
        raise PermissionDenied("Nothing is deleted here.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Refused."""
        raise PermissionDenied("Nothing is deleted here.")

    # ---- The admin's own log holds ids, never names

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        """Note that a row was added, by its id."""
        return _log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        """Note that a row was changed, by its id."""
        return _log(request, obj, CHANGE, message)

    # ---- History

    def get_history_queryset(self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any) -> QuerySet[Any]:
        """The history of one row, with the people who made it."""
        return super().get_history_queryset(request, history_manager, pk_name, object_id).select_related("history_user__person")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What happened to a row, for whoever may see the row; read only."""
        self._need_readable(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A row as it was, for whoever may see the row; read only."""
        self._need_readable(request, object_id)
        if not (version_id.isascii() and version_id.isdigit() and len(version_id) < 18):
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)

    def _need_readable(self, request: HttpRequest, object_id: str) -> None:
        """404 unless the row is one of those this person finds; 403 unless the history is only read."""
        if not self.has_history or self.get_object(request, object_id) is None:
            raise Http404
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied("History is read here, never written.")

    def render_history_view(self, request: HttpRequest, template: str, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A page of history; an older state is shown as it was, without a form."""
        original = context.get("original")
        if original is not None:
            context["facts"] = [
                (field.verbose_name, _shown(original, field))
                for field in original._meta.concrete_fields
                if not field.primary_key and field.name not in self._left_out()
            ]
        return super().render_history_view(request, template, context, **kwargs)

    def _left_out(self) -> set[str]:
        """Fields that the history does not keep: what they hold now says nothing of then."""
        manager = getattr(self.model, self.model._meta.simple_history_manager_attribute)
        return set(getattr(manager.model, "_history_excluded_fields", ()))

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        """The page of a row, with a link to its history only where it has one."""
        return super().change_view(request, object_id, form_url, {"has_history": self.has_history, **(extra_context or {})})


class ReadOnlyAdmin(AuditedAdmin):
    """Rows that acts write and nobody edits: what happened, and the machines' states."""

    form = forms.ModelForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: an act adds these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody: an act changes these."""
        return False


def person_of(request: HttpRequest) -> User:
    """Whoever is signed in; the admin lets nobody else this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _log(request: HttpRequest, obj: models.Model, flag: int, message: Any) -> LogEntry:
    return LogEntry.objects.create(
        user=person_of(request),
        content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False),
        object_id=str(obj.pk),
        object_repr=f"{obj._meta.verbose_name} {obj.pk}"[:200],
        action_flag=flag,
        change_message=json.dumps(message) if isinstance(message, list) else str(message),
    )


def _shown(row: models.Model, field: Any) -> str:
    value = getattr(row, f"get_{field.name}_display", None)
    found = value() if value else getattr(row, field.attname)
    return "" if found is None else str(found)
