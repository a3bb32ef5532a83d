"""Accounts: made and given roles by administrators, deactivated, never deleted and never passed on (SIG-5)."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from editorial import roles
from records.admin_base import AuditedAdmin, ReasonForm, name_of
from records.models import User


class AccountForm(ReasonForm):
    """An account: its address, whether it is active, its roles."""

    class Meta:
        model = User
        fields = ("email", "is_active", "groups")
        widgets = {"groups": forms.CheckboxSelectMultiple}
        labels = {"groups": "Roles"}
        help_texts = {
            "groups": "What this person may do. The roles come from the code; they are given here.",
            "is_active": "Unticked, the account can do nothing from that moment. What it signed stays.",
        }

    def clean_email(self) -> str:
        """One spelling for each address."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is an account with this address.")
        return email


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Who may sign in. A new account has no password: its owner sets one through “Forgot your password?”."""

    form = AccountForm
    list_display = ("email", "person_name", "role_names", "is_active", "last_login")
    list_select_related = ("person",)
    list_filter = ("is_active", "groups")
    search_fields = ("email", "person__name")
    ordering = ("email",)
    readonly_fields = ("person_link",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Accounts of people, with their roles; the system's own is nobody's to change."""
        queryset: QuerySet[User] = super().get_queryset(request)
        return queryset.exclude(email=User.SYSTEM).prefetch_related("groups")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """A new account has no person yet."""
        fields = ["email", "is_active", "groups"]
        return [*fields, "person_link"] if obj else fields

    @admin.display(description="person")
    def person_name(self, user: User) -> str:
        """The printed name."""
        return name_of(user) if getattr(user, "person", None) else "None yet"

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        """What the account may do."""
        names = ", ".join(group.name for group in user.groups.all())
        return f"{names}, every permission" if user.is_superuser and names else names or ("Every permission" if user.is_superuser else "None")

    @admin.display(description="person")
    def person_link(self, user: User) -> Any:
        """The person whose name is printed, or the way to add one."""
        person = getattr(user, "person", None)
        if person is not None:
            return format_html('<a href="{}">{}</a>', reverse("admin:records_person_change", args=[person.pk]), str(person))
        return format_html('<a href="{}?user={}">Add the person behind this account</a>', reverse("admin:records_person_add"), user.pk)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Administrators; an account with every permission is changed by its like alone."""
        if obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False):
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Roles are ticked, and are those of the code."""
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.filter(name__in=roles.ROLES).order_by("name")
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        """Save the account; who has a role that works in the admin may enter it, and no copy of a former address is kept."""
        names = {group.name for group in form.cleaned_data.get("groups", [])}
        obj.is_staff = obj.is_superuser or bool(roles.STAFF & names)
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()

    def detail_of(self, obj: User, form: forms.ModelForm) -> dict[str, Any]:
        """Which roles the account had and has now, where they change; of a changed address only that it changed."""
        detail = super().detail_of(obj, form)
        if "groups" not in form.changed_data:
            return detail
        before = obj.groups.values_list("name", flat=True) if obj.pk else []
        after = (group.name for group in form.cleaned_data["groups"])
        return {**detail, "roles_before": sorted(before), "roles_after": sorted(after)}
