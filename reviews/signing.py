"""Fresh authentication → a signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import UUIDField

from records import canonical, clock
from records.errors import NotReady, StaleRecord
from records.models import Person, PrintedName, User
from records.prepared import Prepared
from reviews.models import Meaning, Recommendation, ReviewAssignment, Signature, Submission

FRESH_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Signing:
    """Who signs, and when and how they last proved who they are (`method`: password, or mfa for a second factor)."""

    user: User
    proved_at: datetime
    method: str = "password"

    def check(self, by: User) -> None:
        """Refuse a proof of anyone but `by`, one from the future, and one older than five minutes (SIG-4)."""
        if self.user.pk != by.pk:
            raise PermissionDenied("Nobody signs for somebody else.")
        age = clock.now() - self.proved_at
        if age > FRESH_FOR or age < timedelta(0):
            raise NotReady("Prove who you are again: the last time was over five minutes ago.")


def statement(person: Person, version_number: int) -> str:
    """The sentence above a reviewer's signature."""
    return (
        f"I, {person}, have read version {version_number} of this article and make the recommendation above. "
        "It is recorded under my name with the time and the digest of the text I read."
    )


def _as_printed(by: User, assignment: ReviewAssignment | None) -> tuple[Person, dict[str, str]]:
    """Who signs, and the words that the signature prints: name, credentials, and a reviewer's specialty."""
    person = assignment.member.person if assignment is not None else getattr(by, "person", None)
    if person is None:
        raise NotReady("Your account has no printed name yet. Ask an administrator to add it.")
    words = person.printed()
    if assignment is not None:
        words["specialty"] = ", ".join(specialty.name for specialty in assignment.member.specialties.all())
    return person, words


_NAMES = Prepared(lambda person: PrintedName.objects.filter(person=person).order_by("pk"), person=UUIDField())


def sign(
    submission: Submission,
    signing: Signing,
    *,
    by: User,
    meaning: Meaning,
    digest: str,
    assignment: ReviewAssignment | None = None,
    recommendation: Recommendation | str = "",
    answers: dict[str, Any] | None = None,
    revokes: Signature | None = None,
    of_minor_change: bool = False,
) -> Signature:
    """Write one signature over the version's digest. StaleRecord when another text was read; NotReady without a printed name."""
    signing.check(by)
    if digest != submission.version.digest:
        raise StaleRecord("This is not the text you read. Open it again; your notes are kept.")
    person, words = _as_printed(by, assignment)
    salt = canonical.new_salt()
    # The readable copy, of which a signature keeps a salted hash, may serve many signatures: erasing it erases it for all.
    known = (name for name in _NAMES.all(person=person.pk) if name.words == words)
    printed = next(known, None) or PrintedName.objects.create(person=person, words=words)
    return Signature.objects.create(
        submission=submission,
        assignment=assignment,
        person=person,
        user=by,
        meaning=meaning,
        recommendation=recommendation,
        digest=digest,
        answers=answers or {},
        proved_at=signing.proved_at,
        proved_by=signing.method,
        revokes=revokes,
        of_minor_change=of_minor_change,
        salt=salt,
        commitment=canonical.commitment(words, salt),
        printed_name_id=printed.pk,
    )
