"""What people type at the desk. Forms check input; whether a step may be taken is the act's to say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import validate_slug
from django.http import HttpRequest
from django.utils import timezone

from editorial.desk import proof
from editorial.models import Publication
from reviews.models import Comment, Interest, Submission
from reviews.signing import Signing

REPLACEMENT = "Words to stand there instead"
TAKEN = "With a suggestion to the author, who can take them over with one click. Words alone, without formatting."


def words(label: str, *, help_text: str = "", required: bool = True, rows: int = 4) -> forms.CharField:
    """A field for some sentences."""
    return forms.CharField(
        label=label, help_text=help_text, required=required, widget=forms.Textarea(attrs={"rows": rows}), max_length=20_000,
        error_messages={"required": f"Fill in “{label}”."},
    )  # fmt: skip


def day_field(label: str, *, help_text: str = "", required: bool = True) -> forms.DateField:
    """A field for one day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget, input_formats=["%Y-%m-%d"])


class DeskForm(forms.Form):
    """A form of the desk. It is given the request, which those that sign need."""

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        self.request = request
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


NOT_YET = "Needed only once five minutes have passed since you signed in or last gave {}."


def code_field() -> forms.CharField:
    """A code of the second factor."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "off", "spellcheck": "false"}
    return forms.CharField(
        label="A code of your app, to sign", help_text="Six digits, or one of your recovery codes.", required=False, max_length=40,
        widget=forms.TextInput(attrs=attrs),
    )  # fmt: skip


def proof_field(request: HttpRequest | None, password: forms.Field) -> forms.Field:
    """What proves who signs. It stands on every page that signs, since the proof that is fresh now may be old when the reading is done."""
    by_code = request is not None and proof.asks_for_code(request)
    field = code_field() if by_code else password
    if request is not None and proof.is_fresh(request):
        field.help_text = f"{field.help_text} {NOT_YET.format('one' if by_code else 'it')}".strip()
    return field


class NothingForm(DeskForm):
    """Nothing to type: the page says what will happen, and the button does it."""


class ReasonForm(DeskForm):
    """A reason that stays on the record."""

    reason = words("Reason", help_text="Kept on the record.")


class SeenForm(ReasonForm):
    """A reason for a decision about what is on the screen, which is sent along: another state is not decided on."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)


class OptionalReasonForm(DeskForm):
    """A reason, which may be left out."""

    reason = words("Reason", required=False, help_text="The editor reads it. You need not give one.")


class NoteForm(DeskForm):
    """A note, which may be left out."""

    note = words("Note", required=False, help_text="Kept on the record.")


class SignedForm(DeskForm):
    """A form whose sending is a signature: bound to the digest on the screen, with a proof of who signs.

    The proof is the password, or where a second factor is set up a code of it. It may be left out while the last one is fresh.
    """

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    password = forms.CharField(
        label="Your password, to sign",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("digest",)
    signing: Signing

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = proof_field(self.request, self.fields.pop("password"))

    def clean(self) -> dict[str, Any]:
        """Prove who signs, once all else is in order: a password is never asked for twice because of another field."""
        cleaned = super().clean() or {}
        if not self.errors and self.request is not None:
            try:
                self.signing = proof.prove(self.request, self.data.get(self.add_prefix("password"), ""))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


# ---- Reviewers


class AcceptForm(DeskForm):
    """Taking a review on, and whether one's name may stand on the page."""

    named = forms.ChoiceField(
        label="May the page name you?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes, name me as a reviewer"), ("no", "No, say “a member of the advisory board” and my specialty")],
        error_messages={"required": "Say whether the page may name you."},
    )
    judges = words(
        "I can judge only this part of it", required=False, help_text="For example: the drugs, not the exercises. Leave it empty if you can judge all of it.", rows=2,
    )
    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    NONE = Interest.Conclusion.NO_CONFLICT.value

    @property
    def declares_none(self) -> bool:
        """Whether they declare in the same breath that they have no interest that bears on this version (COI-3)."""
        return str(self.data.get("conclusion", "")) == self.NONE


class DeclareForm(DeskForm):
    """Interests that bear on this article (COI-3)."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    conclusion = forms.ChoiceField(
        label="In the last 36 months, do you have an interest that bears on this article?",
        widget=forms.RadioSelect,
        choices=Interest.Conclusion.choices,
        error_messages={"required": "Choose one of the three."},
    )
    kinds = forms.MultipleChoiceField(
        label="Of which kind", required=False, widget=forms.CheckboxSelectMultiple, choices=Interest.KINDS,
        help_text="Fees, grants, shares, patents and employment are financial.",
    )  # fmt: skip
    words = words("What it is", required=False, help_text="Needed where you tick a kind or are unsure. The editor reads it.")


class CommentForm(DeskForm):
    """A comment on a passage, or on the whole text."""

    audience = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)
    block = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    quote = forms.CharField(
        label="The words it is about", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "data-quote": ""}),
        help_text="Copied from the passage. Selecting words in it fills this in.",
    )  # fmt: skip
    before = forms.CharField(widget=forms.HiddenInput(attrs={"data-before": ""}), required=False, max_length=100)
    after = forms.CharField(widget=forms.HiddenInput(attrs={"data-after": ""}), required=False, max_length=100)
    text = words("Your comment")
    kind = forms.ChoiceField(label="How much hangs on it", choices=Comment.Kind.choices, initial=Comment.Kind.SUGGESTION)
    to = forms.ChoiceField(label="Who reads it", choices=Comment.To.choices, initial=Comment.To.AUTHOR)
    replacement = words(REPLACEMENT, required=False, rows=2, help_text=TAKEN)

    def __init__(self, *args: Any, parts: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(parts) > 1:
            choices = [(block, f"{said[:60].rstrip()}{'…' if len(said) > 60 else ''}") for block, said in parts]
            self.fields["block"] = forms.ChoiceField(
                label="Which part of it", required=False, choices=choices, help_text="Words that you quote say it themselves."
            )


class EditCommentForm(DeskForm):
    """A comment of one's own that was not sent yet."""

    text = words("Your comment")
    kind = forms.ChoiceField(label="How much hangs on it", choices=Comment.Kind.choices)
    replacement = words(REPLACEMENT, required=False, rows=2, help_text=TAKEN)


class ReplyForm(DeskForm):
    """A reply in the thread of a comment."""

    text = words("Your reply", help_text="It stays as you send it.")


class SignedReasonForm(SignedForm):
    """A reason, signed."""

    reason = words("Reason", help_text="Kept on the record.")


# ---- Editors


class ChangesForm(DeskForm):
    """What the author has to do."""

    note = words("Note to the author", help_text="Sent with your decision. Not public.", rows=6)


class FindingForm(DeskForm):
    """Accepting one finding in spite of the check."""

    check_id = forms.CharField(widget=forms.HiddenInput, max_length=60)
    place = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    reason = words("Why it is accepted", help_text="Kept on the record for good.")


NOW, LATER, WAIT = "now", "later", "wait"


class WhenForm(DeskForm):
    """When a version becomes public."""

    when = forms.ChoiceField(
        label="Publish", widget=forms.RadioSelect, choices=[(NOW, "Now"), (LATER, "At a set time"), (WAIT, "Not yet")], initial=NOW
    )
    at = forms.DateTimeField(
        label="The set time", required=False, help_text="Only for “At a set time”.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )  # fmt: skip
    change_note = forms.CharField(
        label="What changed, for readers", required=False, max_length=300, help_text="One sentence in the version history.",
        widget=forms.TextInput(),
    )  # fmt: skip
    correction = words("Correction notice", required=False, help_text="Only where the earlier version was wrong: say what was wrong and what is right. It stands on the page.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].help_text = f"Only for “At a set time”. Times are in the zone {timezone.get_current_timezone_name()}."

    def clean(self) -> dict[str, Any]:
        """A set time is needed where one was chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("when") == LATER and not cleaned.get("at") and "at" not in self.errors:
            self.add_error("at", "Give the day and time.")
        if cleaned.get("when") == WAIT and cleaned.get("correction"):
            self.add_error("correction", "A notice goes up with the version: give it when you publish, or publish now.")
        return cleaned

    @property
    def publish_at(self) -> datetime | None:
        """The set time; None unless one was chosen."""
        return self.cleaned_data["at"] if self.cleaned_data["when"] == LATER else None


class DecideForm(SignedForm, WhenForm):
    """An editor's approval, signed, and when the version becomes public."""

    note = words("Note to the author", required=False, help_text="Sent with your decision. Not public.")


class ReaffirmForm(SignedForm):
    """An editor's word, signed, that the public text still stands, and what comes of it (CYC-5)."""

    outcome = forms.ChoiceField(
        label="What came of it", widget=forms.RadioSelect, initial=Submission.Outcome.NO_CHANGE,
        choices=[
            (Submission.Outcome.NO_CHANGE.value, "No change: it stands as it is"),
            (Submission.Outcome.MINOR.value, "It stands, and a minor change is to come"),
            (Submission.Outcome.BRING_FORWARD.value, "It stands, and the next review comes sooner"),
        ],
        error_messages={"required": "Choose what came of it."},
    )  # fmt: skip
    due_on = day_field("Next review on", required=False, help_text="Only where it comes sooner.")
    note = words("Rationale", help_text="Why, in your words. Kept on the record for good; the author can read it.")

    def clean(self) -> dict[str, Any]:
        """A day is needed where the next review comes sooner, and means nothing elsewhere."""
        given, sooner = self.data.get("due_on"), self.data.get("outcome") == Submission.Outcome.BRING_FORWARD
        if sooner and not given:
            self.add_error("due_on", "Give the day of the next review.")
        elif given and not sooner:
            self.add_error("due_on", "A day is for “the next review comes sooner” alone. Choose that, or leave the day empty.")
        return super().clean()


class PublishForm(WhenForm):
    """Making an approved version public."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when = self.fields["when"]
        if isinstance(when, forms.ChoiceField):
            when.choices = [(NOW, "Now"), (LATER, "At a set time")]


class WithholdForm(DeskForm):
    """Taking a page down for now."""

    reason = words("Reason, for readers", help_text="It stands on the page in place of the text.")


class BringForwardForm(DeskForm):
    """An earlier day for the next review."""

    due_on = day_field("Next review due on")
    reason = words("Reason", help_text="Kept on the record. The authors and editors are told.")


class RationaleForm(DeskForm):
    """Why an outcome was come to."""

    note = words("Rationale", help_text="Why, in your words. Kept on the record for good.", rows=6)


class RetractForm(SignedForm):
    """Proposing to take a page back for good."""

    notice = words("Notice, for readers", help_text="Who retracts it and why, in plain words. It stands above the text for good.", rows=5)
    reason = forms.ChoiceField(label="Ground", choices=Publication.Ground.choices, help_text="Readers see it under the notice.")
    authors_say = forms.ChoiceField(
        label="What the authors say", choices=[("", "Not known, or not asked"), *Publication.AuthorsSay.choices], required=False, help_text="Readers see it under the notice."
    )
    keeps_text = forms.TypedChoiceField(
        label="The text", widget=forms.RadioSelect, coerce=lambda value: value == "keep", initial="keep",
        choices=[("keep", "Keep it below the notice, for the record"), ("remove", "Remove it: the text itself could harm")],
    )  # fmt: skip


class AddressForm(DeskForm):
    """A new public address."""

    slug = forms.CharField(
        label="New address", max_length=120, validators=[validate_slug], error_messages={"required": "Give the new address."}, help_text="Small letters, digits and hyphens. The old address redirects."
    )
