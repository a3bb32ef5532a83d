"""What an outside reviewer types. Forms check input; whether a step may be taken is the act's to say."""

from typing import Any

from django import forms

from reviews.models import Interest, Recommendation


class GuestForm(forms.Form):
    """A form of the guest's room, bound to the digest of the text on the screen."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class DeclareForm(GuestForm):
    """Who somebody is, and the interests that bear on this article (COI-3)."""

    name = forms.CharField(label="Your name, as it is to be printed", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    credentials = forms.CharField(label="Your credentials", max_length=200, help_text="Degrees, profession and where you work: MD, neurologist, City Hospital.")
    conclusion = forms.ChoiceField(
        label="In the last 36 months, do you have an interest that bears on this article?",
        widget=forms.RadioSelect,
        choices=[(Interest.Conclusion.NO_CONFLICT.value, "No conflict"), (Interest.Conclusion.CONFLICT.value, "A conflict, or I am not sure: I do not review this")],
        error_messages={"required": "Choose one of the two."},
    )
    kinds = forms.MultipleChoiceField(
        label="Of which kind", required=False, widget=forms.CheckboxSelectMultiple, choices=Interest.KINDS,
        help_text="Fees, grants, shares, patents and employment are financial.",
    )  # fmt: skip
    words = forms.CharField(
        label="What it is", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}), help_text="Needed where you tick a kind. The editor reads it."
    )


class AdviceForm(GuestForm):
    """What an outside reviewer advises, signed with the code that was mailed."""

    MEANINGS = {
        Recommendation.APPROVE.value: "Fit to publish as it stands.",
        Recommendation.MINOR.value: "My comment is a suggestion.",
        Recommendation.CHANGES.value: "Say in the comment what has to change.",
        Recommendation.REJECT.value: "Not suitable in any form near this one. Say why.",
    }
    comment = forms.CharField(
        label="Your comment", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}), help_text="On the whole text. The editors read it, nobody else."
    )
    recommendation = forms.ChoiceField(
        label="I recommend", choices=Recommendation.choices, widget=forms.RadioSelect, error_messages={"required": "Choose a recommendation."}
    )
    code = forms.CharField(
        label="The code from the mail", max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "Type the code that was mailed to you."},
    )  # fmt: skip

    @property
    def options(self) -> list[tuple[Any, str]]:
        """Each choice with what it means, in a line."""
        return [(radio, self.MEANINGS[str(radio.data["value"])]) for radio in self["recommendation"]]
