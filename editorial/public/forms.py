"""What readers send to the editors. The forms check input; whether it is taken is the act's to say."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from editorial.signed_forms import MOST_CHARACTERS

NOTHING_PERSONAL = "Do not write health details of yourself or of anybody else, and no names: nobody here can advise on one person."
TRAP = "department"


def _kept(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


class SendForm(forms.Form):
    """A question for the editors, and where its reader hears what came of it."""

    text = forms.CharField(
        label="Your question", max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=f"{NOTHING_PERSONAL} The editors may use the question, without a word about a person, as the title of an article.",
        error_messages={"required": "Write your question."},
    )  # fmt: skip
    email = forms.EmailField(
        label="Your e-mail address", required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "This is not an e-mail address. Correct it, or leave it out."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        confirm, kept = _kept(settings.READER_CONFIRM_DAYS), _kept(settings.READER_QUESTION_DAYS)
        self.fields["email"].help_text = (
            f"Only so that you hear what came of it. A mail asks you first whether it is yours; unless you confirm it within {confirm}, it is erased. "
            f"Address and words are erased {kept} after the editors have dealt with it, or sooner by the link in each mail."
        )

    def clean(self) -> dict[str, Any]:
        """People leave the field empty that only programs see."""
        if self.data.get(TRAP):
            raise ValidationError("This looked as though a program had filled it in, and was not sent. What you wrote still stands below: send it again.")
        return super().clean() or {}


class ReportForm(SendForm):
    """What is wrong on a page."""

    text = forms.CharField(
        label="What is wrong", max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=f"Quote the words, and say what is right as far as you know. A source helps. {NOTHING_PERSONAL}",
        error_messages={"required": "Say what is wrong."},
    )  # fmt: skip
    field_order = ("text", "email")
