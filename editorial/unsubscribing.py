"""The address that ends somebody's news by mail with one click (RFC 8058): signed, without a secret of theirs, good for as long as the site's key is."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from records.models import User

_SIGNER = signing.Signer(salt="editorial.unsubscribing", sep=".")


def address(user: User) -> str:
    """The whole address for this person's mails, from the configured site address."""
    return f"{settings.SITE_URL}{reverse('inbox:unsubscribe', args=[_SIGNER.sign(str(user.pk))])}"


def user_of(token: str) -> User | None:
    """Whom a token is for; None where we did not sign it."""
    try:
        return User.objects.filter(pk=int(_SIGNER.unsign(token))).first()
    except signing.BadSignature:
        return None
