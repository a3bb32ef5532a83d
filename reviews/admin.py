"""The board, its specialties, the review policies and the signatures.

`Interest`, `ReferenceAnswer`, `Comment` and `Reply` have no admin: they are confidential and read on the desk, each by those it is for.
So are outside reviewers and what they declare and sign: name and address are shown on the page of their submission alone.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest

from articles.models import ArticleType
from records.admin_base import AuditedAdmin, ReadOnlyAdmin
from records.models import User, record
from reviews import questions
from reviews.models import BoardMember, Meaning, ReviewAssignment, ReviewPolicy, Signature, Specialty

WAITING = Q(assignments__state__in=ReviewAssignment.UNSIGNED)


class BoardMemberAdmin(AuditedAdmin):
    """Who serves on the board, since when, for what, and with how much on their desk. Registered in `editorial/desk/admin.py`."""

    settled = ("slug", "person")

    list_display = ("person", "serves_for", "since", "until", "open_reviews", "is_public")
    list_select_related = ("person",)
    search_fields = ("person__name", "specialties__name")
    autocomplete_fields = ("person", "alternate")
    fields = (
        "person", "slug", "specialties", "profession", "biography", "interests", "interests_on", "since", "until", "is_public", "alternate", "trained_on",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[BoardMember]:
        """Members with their specialties and open reviews, read once for all."""
        queryset: QuerySet[BoardMember] = super().get_queryset(request)
        return queryset.prefetch_related("specialties").annotate(open_reviews=Count("assignments", filter=WAITING, distinct=True))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Specialties are ticked."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="specialties")
    def serves_for(self, member: BoardMember) -> str:
        """What the member can judge."""
        return ", ".join(specialty.name for specialty in member.specialties.all())

    @admin.display(description="open reviews", ordering="open_reviews")
    def open_reviews(self, member: Any) -> int:
        """How many reviews wait for the member."""
        return int(member.open_reviews)


@admin.register(Specialty)
class SpecialtyAdmin(AuditedAdmin):
    """Fields of medicine, and the topics that belong to each."""

    list_display = ("name", "is_medical")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Topics are ticked."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PolicyForm(forms.ModelForm):
    """A policy as it shall be from now on; earlier numbers stay what they were."""

    questions = forms.CharField(
        label="What reviewers are asked", required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One question a line, to be answered with yes, no, or does not apply. Readers see them on the page about the policy.",
    )  # fmt: skip

    class Meta:
        model = ReviewPolicy
        fields = (
            "article_type", "approvals", "medical_approvals", "specialties", "interval_months", "ahead_days", "grace_days", "after_grace",
            "invitation_days", "review_days", "evidence_days", "names_reviewers_to_authors", "questions", "reason",
        )  # fmt: skip
        widgets = {"specialties": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].required = True
            self.fields["reason"].label = "Why the policy is adopted or changed"

    def clean_questions(self) -> list[str]:
        """Short questions, each once."""
        found = [line.strip() for line in str(self.cleaned_data["questions"]).splitlines() if line.strip()]
        if len(found) > questions.MOST or any(len(question) > questions.LENGTH for question in found):
            raise forms.ValidationError(f"At most {questions.MOST} questions of at most {questions.LENGTH} characters.")
        if len(found) != len(set(found)):
            raise forms.ValidationError("Each question is asked once.")
        return found

    def clean(self) -> dict[str, Any]:
        """Medical approvals are some of the approvals, and an approval holds for at most three years."""
        cleaned = super().clean() or {}
        approvals, medical = cleaned.get("approvals") or 0, cleaned.get("medical_approvals") or 0
        if approvals < 1:
            self.add_error("approvals", "A policy needs an approval.")
        if medical > approvals:
            self.add_error("medical_approvals", "There cannot be more medical approvals than approvals.")
        if not 1 <= (cleaned.get("interval_months") or 0) <= 36:
            self.add_error("interval_months", "An approval holds for 1 to 36 months.")
        return cleaned


@admin.register(ReviewPolicy)
class ReviewPolicyAdmin(AuditedAdmin):
    """The numbered policies. A policy is never changed: adopting one gives the next number, prefilled from the one in force."""

    form = PolicyForm
    list_display = ("article_type", "number", "approvals", "medical_approvals", "interval_months", "adopted_at")
    list_select_related = ("article_type",)
    list_filter = ("article_type",)
    change_form_template = "admin/policy_form.html"
    COPIED = (
        "approvals", "medical_approvals", "interval_months", "ahead_days", "grace_days", "after_grace",
        "invitation_days", "review_days", "evidence_days", "names_reviewers_to_authors",
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: ReviewPolicy | None = None) -> bool:
        """Nobody: what was decided under a policy was decided under its words."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The values of the policy that is to be replaced (`?from=`), else the usual ones."""
        found = self._earlier(request.GET.get("from", ""))
        if found is None:
            return {"questions": "\n".join(questions.USUAL)}
        values = {name: getattr(found, name) for name in self.COPIED} | {"questions": "\n".join(found.questions)}
        return {**values, "article_type": found.article_type_id, "specialties": list(found.specialties.all())}

    def _earlier(self, key: str) -> ReviewPolicy | None:
        try:
            return ReviewPolicy.objects.filter(pk=key).first() if key else None
        except (ValueError, forms.ValidationError):
            return None

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        """Give the policy the next number of its type, and note who adopted it."""
        if not isinstance(request.user, User) or change:
            raise PermissionDenied
        ArticleType.objects.select_for_update().get(pk=obj.article_type_id)
        newest = ReviewPolicy.objects.filter(article_type=obj.article_type_id).aggregate(newest=Max("number"))["newest"]
        obj.number, obj.adopted_by = (newest or 0) + 1, request.user
        obj.save()
        record(obj, "adopt_policy", by=request.user, after="", note=obj.reason)


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    """Who signed what and when. Whoever is still to recommend does not see what others recommended."""

    list_display = ("version_title", "meaning", "of_minor_change", "recommendation", "signer", "signed_at", "short_digest")
    list_select_related = ("submission__version", "person")
    list_filter = ("meaning",)
    search_fields = ("submission__version__title", "digest")
    ordering = ("-signed_at",)
    fields = ("version_title", "meaning", "of_minor_change", "recommendation", "signer", "signed_at", "proved_at", "proved_by", "digest")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Signature]:
        """Signatures, without the recommendations on what this person has yet to sign."""
        queryset: QuerySet[Signature] = super().get_queryset(request)
        own = ReviewAssignment.objects.of(request.user).unsigned()  # type: ignore[arg-type]
        return queryset.exclude(Q(meaning=Meaning.RECOMMENDATION) & Q(submission__in=own.values("submission")))

    @admin.display(description="version")
    def version_title(self, signature: Signature) -> str:
        """What was signed."""
        return str(signature.submission.version)

    @admin.display(description="signed by")
    def signer(self, signature: Signature) -> str:
        """Who signed."""
        return str(signature.person)

    @admin.display(description="digest")
    def short_digest(self, signature: Signature) -> str:
        """The beginning of the digest, to tell texts apart."""
        return signature.digest[:12]

