"""The structured form of a review: the questions are data of the numbered policy, and a signature keeps them with their answers."""

from collections.abc import Mapping, Sequence

from records.errors import NotReady
from reviews.models import ReviewAssignment, Signature

ANSWERS = {"yes": "Yes", "no": "No", "not_applicable": "Does not apply"}
MOST, LENGTH = 12, 200
# What a first policy is offered to ask.
USUAL = (
    "Is every dose, unit and frequency right, and supported by its reference?",
    "Is everything there that would change what a reader does: warnings, who must not, when to seek help?",
    "Does the strength of each recommendation match its evidence?",
    "Does the plain-language text say the same as the text for professionals?",
)


def kept(questions: Sequence[str], given: Mapping[str, str]) -> list[dict[str, str]]:
    """Each question as asked with its answer, as a signature keeps them. NotReady for an answer to nothing."""
    if set(given) - set(questions) or set(given.values()) - set(ANSWERS):
        raise NotReady("There is no such question or answer on the form of this review.")
    return [{"question": question, "answer": given[question]} for question in questions if question in given]


def missing(questions: Sequence[str], given: Mapping[str, str]) -> list[str]:
    """What a recommendation for approval lacks as long as not every question is answered; nothing once each is."""
    answered = sum(question in given for question in questions)
    if answered == len(questions):
        return []
    return [f"{answered} of {len(questions)} questions of the form {'is' if answered == 1 else 'are'} answered. Answer each before you sign."]


def answered_before(assignment: ReviewAssignment) -> dict[str, str]:
    """What the reviewer answered when they last signed about an earlier version of the article, for the questions that are still asked."""
    mine = Signature.objects.recommendations().standing().filter(
        person=assignment.member.person_id, submission__article=assignment.submission.article_id
    )
    last = mine.exclude(assignment=assignment).order_by("-signed_at").values_list("answers", flat=True).first() or {}
    asked = set(assignment.submission.policy.questions)
    return {each["question"]: each["answer"] for each in last.get("form", []) if each["question"] in asked}
