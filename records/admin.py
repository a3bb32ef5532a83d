"""People, where they worked, what happened and what must be sent. Accounts stand on the desk, which knows the roles.

`PrintedName` has no admin: it is the one readable copy of names that erasure removes, and is shown beside what it was printed on. `MailPreference`
and `CalendarLink` are each person's own; `Sweep` is shown, and its brake released, on the desk's schedule.
"""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST

from records import post
from records.admin_base import AuditedAdmin, ReadOnlyAdmin, name_of, person_of
from records.errors import NotReady
from records.models import AccessLink, Affiliation, Delivery, Event, Outbox, Person, PersonalTie
from records.permits import may, ruled_by

for _foreign in (Authenticator, EmailAddress, EmailConfirmation, Group):
    # The address of an account is the account's own; roles come from one table in the code.
    if admin.site.is_registered(_foreign):
        admin.site.unregister(_foreign)
admin.site.disable_action("delete_selected")


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """The roles, as the code gives them; they are read here, and given to people on their account."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name", "may")

    @admin.display(description="may")
    def may(self, group: Group) -> str:
        """What the role may do, as the code names it."""
        return ", ".join(group.permissions.values_list("codename", flat=True).order_by("codename"))


@admin.register(Person)
class PersonAdmin(AuditedAdmin):
    """Somebody whose name is printed. An account is tied to a person once and never passed on (SIG-5)."""

    list_display = ("name", "credentials", "account")
    search_fields = ("name", "credentials", "user__email")
    list_select_related = ("user",)
    fields = ("name", "credentials", "user")
    autocomplete_fields = ("user",)

    @admin.display(description="account", ordering="user__email")
    def account(self, person: Person) -> str:
        """The address that this person signs in with."""
        return person.user.email if person.user else "None"

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Addresses are for those who may see accounts."""
        return self.list_display if request.user.has_perm("records.view_user") else ("name", "credentials")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Nobody finds by an address that they may not see."""
        return self.search_fields if request.user.has_perm("records.view_user") else ("name", "credentials")

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Once there is an account, it stays this person's."""
        return ("user",) if obj is not None and obj.user_id else ()


@admin.register(Affiliation)
class AffiliationAdmin(AuditedAdmin):
    """Where somebody worked, and when; ties are found from these."""

    list_display = ("institution", "person", "since", "until")
    list_select_related = ("person",)
    search_fields = ("institution", "person__name")
    autocomplete_fields = ("person",)


@admin.register(PersonalTie)
class PersonalTieAdmin(AuditedAdmin):
    """A known tie between two people, which bars one from reviewing the other."""

    list_display = ("one", "other", "kind", "since", "until")
    list_select_related = ("one", "other")
    list_filter = ("kind",)
    search_fields = ("one__name", "other__name")
    autocomplete_fields = ("one", "other")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened: one row an act, newest first. Search by the id of a thing, or by the name of an act."""

    list_display = ("number", "at", "label", "object_type", "by_name", "before", "after")
    list_select_related = ("by__person",)
    ordering = ("-number",)
    search_fields = ("act",)
    fields = ("number", "at", "label", "object_type", "object_id", "before", "after", "by_name", "note", "particulars")

    @admin.display(description="by")
    def by_name(self, event: Event) -> str:
        """Who did it."""
        return name_of(event.by)

    @admin.display(description="particulars")
    def particulars(self, event: Event) -> str:
        """What else was noted; what a reviewer recommends is read on the desk, by those who may."""
        return "" if event.act == "recommend" else ", ".join(f"{key}: {value}" for key, value in event.detail.items())

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """The events of one thing by its id, else those of one act by its name."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(object_id=UUID(term)), False
        except ValueError:
            return queryset.filter(act=term.lower().replace(" ", "_")), False


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """What must be sent, and what could not be: what failed, or is held after a restore, is sent again from here."""

    list_display = ("kind", "object_type", "occurs_on", "state", "created_at", "attempts", "last_error")
    list_filter = ("state",)
    search_fields = ("kind",)
    ordering = ("-created_at",)
    fields = ("kind", "object_type", "object_id", "occurs_on", "state", "created_at", "not_before", "attempts", "last_error", "told")

    def get_urls(self) -> list[Any]:
        """The button's own address, before those of the rows."""
        retry = ruled_by("retry_message")(self.admin_site.admin_view(require_POST(self.retry)))
        return [path("<uuid:pk>/retry/", retry, name="records_outbox_retry"), *super().get_urls()]

    def retry(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send one message again."""
        if not may("retry_message", request.user):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            post.retry(row, by=person_of(request))
            messages.success(request, "The message waits to be sent again.")
        except NotReady as refusal:
            messages.error(request, " ".join(refusal.reasons))
        return HttpResponseRedirect("../change/")

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        """The page of a message, with the button where there is something to send again."""
        row = self.get_object(request, object_id)
        can = row is not None and row.state == Outbox.State.FAILED and may("retry_message", request.user)
        return super().change_view(request, object_id, form_url, {"may_retry": can, **(extra_context or {})})

    @admin.display(description="told")
    def told(self, row: Outbox) -> str:
        """Whom it was or will be told, and how it stands with each."""
        deliveries = row.deliveries.select_related("recipient__person").order_by("made_at")
        return format_html_join("", "<div>{}: {}</div>", ((told(each), standing(each)) for each in deliveries)) or "Nobody yet"


def told(delivery: Delivery) -> str:
    """Whom a message goes to: a printed name, or that it is somebody without an account, whose address is not kept with it."""
    return name_of(delivery.recipient) if delivery.recipient is not None else "Somebody without an account"


def standing(delivery: Delivery) -> str:
    """How it stands with one message to one person, in words."""
    if delivery.stopped:
        return delivery.stopped
    if delivery.sent_at is not None:
        return f"mailed {delivery.sent_at:%Y-%m-%d %H:%M} UTC"
    return "not mailed yet" if delivery.channel == Delivery.Channel.MAIL else delivery.get_channel_display().lower()


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """One message to one person."""

    list_display = ("kind", "recipient_name", "channel", "sent_at", "stopped")
    list_select_related = ("outbox", "recipient__person")
    list_filter = ("channel",)
    ordering = ("-made_at",)
    fields = ("kind", "recipient_name", "channel", "made_at", "handed_at", "sent_at", "stopped", "read_at")
    search_fields = ("outbox__kind",)

    @admin.display(description="kind")
    def kind(self, delivery: Delivery) -> str:
        """What the message is about."""
        return delivery.outbox.kind

    @admin.display(description="recipient")
    def recipient_name(self, delivery: Delivery) -> str:
        """Whom it goes to."""
        return told(delivery)


@admin.register(AccessLink)
class AccessLinkAdmin(ReadOnlyAdmin):
    """Links that open one thing for somebody without an account; what opens them is shown nowhere."""

    list_display = ("object_type", "made_by_name", "made_at", "expires_at", "exchanged_at", "revoked_at")
    list_select_related = ("made_by__person",)
    ordering = ("-made_at",)
    fields = ("object_type", "object_id", "made_by_name", "made_at", "expires_at", "exchanged_at", "revoked_at")

    @admin.display(description="made by")
    def made_by_name(self, link: AccessLink) -> str:
        """Who made it."""
        return name_of(link.made_by)

