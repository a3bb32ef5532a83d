"""The addresses that mails to readers carry: one confirms an address, once; one erases what its reader wrote, for as long as there is something to erase."""

from uuid import UUID

from django.core import signing
from django.urls import reverse

from editorial.models import ReaderQuestion
from records import links
from records.models import AccessLink, type_of

_SIGNER = signing.Signer(salt="editorial.reader_links", sep=".")


def confirm_path(question: ReaderQuestion) -> str:
    """Where the address of a question is confirmed; empty once that was done, or is no longer possible."""
    link = AccessLink.objects.usable().to(question).first()
    return reverse("public:confirm_address", args=[link.token]) if link is not None and link.token else ""


def to_confirm(token: str) -> AccessLink | None:
    """The link that this token spends on confirming an address; None for every other token, without a difference."""
    link = links.find(token)
    return link if link is not None and link.object_type == type_of(ReaderQuestion()) else None


def erase_path(question: ReaderQuestion) -> str:
    """Where a question is erased; signed, so that no table need hold a secret for it."""
    return reverse("public:erase_question", args=[_SIGNER.sign(question.pk.hex)])


def to_erase(token: str) -> ReaderQuestion | None:
    """The question that this token erases; None for one that we did not sign, and where everything was erased already."""
    try:
        key = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return ReaderQuestion.objects.filter(pk=key, erased_at=None).first()
