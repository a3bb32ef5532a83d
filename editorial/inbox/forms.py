"""How somebody wants to hear of news."""

from typing import Any

from django import forms


class MailForm(forms.Form):
    """One choice of three; what is a duty is mailed whatever is chosen."""

    EACH, DIGEST, NONE = "each", "digest", "none"
    CHOICES = (
        (EACH, "A mail for each", "As soon as something happens."),
        (DIGEST, "One mail a day", "A list of what happened, each morning on which there is something."),
        (NONE, "No mail", "News stand in your inbox alone."),
    )

    news = forms.ChoiceField(label="News by mail", choices=[(value, words) for value, words, _ in CHOICES])

    @property
    def options(self) -> list[dict[str, Any]]:
        """Each choice with what it means, and whether it is chosen."""
        return [{"value": value, "words": words, "hint": hint, "chosen": self["news"].value() == value} for value, words, hint in self.CHOICES]

    @property
    def chosen(self) -> dict[str, bool]:
        """The choice as it is kept."""
        news = self.cleaned_data["news"]
        return {"digest": news == self.DIGEST, "no_news": news == self.NONE}
