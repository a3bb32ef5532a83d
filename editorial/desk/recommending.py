"""What a reviewer recommends, as they type it: the form of a review with the questions of its policy, and the short one of a re-review."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from editorial.desk.forms import SignedForm, words
from reviews import questions
from reviews.models import FAVOURABLE, Recommendation, ReviewAssignment
from reviews.questions import ANSWERS


class QuestionsForm(SignedForm):
    """A signed form with the questions that the policy asks, each with what was answered before."""

    def __init__(self, *args: Any, asked: Sequence[str] = (), before: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {f"question-{n}": question for n, question in enumerate(asked)}
        for name, question in self.asked.items():
            self.fields[name] = forms.ChoiceField(
                label=question, choices=list(ANSWERS.items()), widget=forms.RadioSelect, required=False, initial=(before or {}).get(question)
            )

    @property
    def questions(self) -> list[Any]:
        """The fields of the structured form of this type of article."""
        return [self[name] for name in self.asked]

    @property
    def first_unanswered(self) -> str:
        """The id of the first question without an answer; empty where each has one."""
        return next((self[name].auto_id for name in self.asked if not self.cleaned_data.get(name)), "")

    @property
    def form_answers(self) -> dict[str, str]:
        """Each answered question with its answer."""
        return {question: self.cleaned_data[name] for name, question in self.asked.items() if self.cleaned_data.get(name)}


class RecommendForm(QuestionsForm):
    """What a reviewer recommends, signed."""

    MEANINGS = {
        Recommendation.APPROVE.value: "Fit to publish as it stands.",
        Recommendation.MINOR.value: "My comments are suggestions.",
        Recommendation.CHANGES.value: "My must-fix comments go to the author.",
        Recommendation.REJECT.value: "Not suitable in any form near this one. Say why.",
    }
    question = "I recommend"
    recommendation = forms.ChoiceField(
        label="Your recommendation", choices=Recommendation.choices, widget=forms.RadioSelect, error_messages={"required": "Choose a recommendation."}
    )
    note = words("Note to the editor", required=False, help_text="The author does not see this.")

    @property
    def answers_the_rest(self) -> bool:
        """Whether the recommendation answers for the references too that were not answered for one by one."""
        return False

    @property
    def options(self) -> list[tuple[Any, str]]:
        """Each choice with what it means, in a line."""
        return [(radio, self.MEANINGS[str(radio.data["value"])]) for radio in self["recommendation"]]


class StillRightForm(RecommendForm):
    """The short form of a re-review: is it still right?"""

    MEANINGS = {
        Recommendation.APPROVE.value: "I recommend: approve. Every reference that I did not answer for otherwise still supports its claim.",
        Recommendation.MINOR.value: "I recommend: approve with minor changes, which my comments say, and I say the same of the references.",
        Recommendation.CHANGES.value: "I recommend: request changes. My must-fix comments go to the author.",
        Recommendation.REJECT.value: "I recommend: reject. Say why in the note.",
    }
    LABELS = {
        Recommendation.APPROVE.value: "Yes, it is still right",
        Recommendation.MINOR.value: "Yes, with minor changes to come",
        Recommendation.CHANGES.value: "No, it has to be revised",
        Recommendation.REJECT.value: "No, it should be taken back",
    }
    question = "Is it still right?"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["recommendation"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(self.LABELS.items())
            field.error_messages["required"] = "Say whether it is still right."

    @property
    def answers_the_rest(self) -> bool:
        """A yes says of every work that was not answered for otherwise that it still supports its claim, as the answer itself says."""
        return self.cleaned_data.get("recommendation") in FAVOURABLE


def form_of(found: ReviewAssignment, *args: Any, **kwargs: Any) -> RecommendForm:
    """The form of a review, or the short one of a re-review."""
    if found.submission.is_re_review:
        return StillRightForm(*args, **kwargs)
    asked = found.submission.policy.questions
    return RecommendForm(*args, asked=asked, before=questions.answered_before(found) if asked else None, **kwargs)


class ConfirmForm(QuestionsForm):
    """All one's points on earlier versions are met: close them and recommend approval, signed.

    `stand` are the answers about references that one gave before and that may stand, `missing` how many works are still to answer for.
    """

    stands = forms.BooleanField(required=False)
    note = words("Note to the editor", required=False, help_text="The author does not see this.", rows=2)

    def __init__(self, *args: Any, stand: Mapping[int, str], missing: int, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "confirm_%s")
        super().__init__(*args, **kwargs)
        self.stand, self.missing = stand, missing
        if not stand:
            del self.fields["stands"]
        else:
            self.fields["stands"].label = f"My earlier answers stand for the {len(stand)} reference{'' if len(stand) == 1 else 's'} that I did not answer for again"

    @property
    def answers(self) -> Mapping[int, str]:
        """The answers that stand, where that was said."""
        return self.stand if self.cleaned_data.get("stands") else {}
