"""What is told to outside reviewers, who have no account, and to editors about them. Their address is read when the mail is sent, and stands in no other table."""

from typing import Any

from django.urls import reverse

from editorial.wording.cases import Facts, _OfVersion
from editorial.wording.notices import EDITORS, Notice, Side, Tell, Told, enter
from records.composers import Outsider
from records.models import AccessLink
from reviews.models import OutsideReviewer, Submission

WHY = "You get this because an editor asked you to review this article. You need no account."


class OfOutsider(_OfVersion):
    """Somebody without an account who was asked for advice."""

    model = OutsideReviewer
    related = ("submission__version", "submission__article", "submission__policy", "interest", "review")

    @property
    def submission(self) -> Submission:
        """What they are asked about."""
        return self.row.submission  # type: ignore[no-any-return]

    @property
    def values(self) -> dict[str, str]:
        """With their name."""
        return {**super().values, "REVIEWER": self.row.name or "An outside reviewer"}

    @property
    def facts(self) -> Facts:
        """None but the title."""
        return []

    @property
    def link(self) -> AccessLink | None:
        """The link that waits for them."""
        return AccessLink.objects.usable().to(self.row).first()

    @property
    def outsider(self) -> Outsider:
        """Who is mailed."""
        return Outsider(self.row.pk, self.row.email)


class OfCode(OfOutsider):
    """An outside reviewer who is about to sign."""

    @property
    def facts(self) -> Facts:
        """The code, in two groups that are easy to type."""
        code = self.row.code
        return [("Code", f"{code[:4]} {code[4:]}")]


def _by_link(case: Any) -> Told:
    link = case.link
    return [(case.outsider, reverse("guest:door", args=[link.token]))] if link is not None and link.token else []


def _in_the_room(case: Any) -> Told:
    return [(case.outsider, reverse("guest:room"))]


def _waits(case: Any) -> bool:
    return bool(case.row.is_waited_for)


def _has_code(case: Any) -> bool:
    return bool(_waits(case) and case.row.has_code)


def _has_ended(case: Any) -> bool:
    return case.row.ended_at is not None


def _has_signed(case: Any) -> bool:
    return case.row.signed is not None


BY_LINK = Side("The outside reviewer", _by_link, WHY)
IN_THE_ROOM = Side("The outside reviewer", _in_the_room, WHY)

enter(
    Notice(
        "outside_invited", OfOutsider, "An editor asks somebody without an account, or sends them a new link", "Review invitation: TITLE (open until DAY)",
        (Tell(BY_LINK, "Read this article and say what you think of it by DUE. The link opens it once, in the browser you open it with.",
              duty=True, action="Open the invitation"),),
        _waits, lambda case: case.row.due_on,
    ),
    Notice(
        "outside_code", OfCode, "An outside reviewer asks for a code to sign with", "Your code to sign: TITLE",
        (Tell(IN_THE_ROOM, "Type this code on the page of your review within ten minutes. It signs once. Give it to nobody.",
              duty=True, action="Back to your review"),),
        _has_code,
    ),
    Notice(
        "outside_declined", OfOutsider, "An outside reviewer declines, or declares a conflict", "Outside review declined: TITLE",
        (Tell(EDITORS, "REVIEWER, whom an editor asked from outside, will not review this.", action="Open the submission"),), _has_ended,
    ),
    Notice(
        "outside_signed", OfOutsider, "An outside reviewer signs advice", "Outside advice signed: TITLE",
        (Tell(EDITORS, "REVIEWER, an outside reviewer, signed advice. It does not count towards approval.", action="Read it"),), _has_signed,
    ),
)  # fmt: skip
