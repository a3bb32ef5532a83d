"""Whether somebody without an account has a hand in a text: by their name and address alone, as nothing else of them is known."""

import re
import unicodedata
from collections.abc import Iterable

from django.db.models import Q

from articles.models import ArticleVersion, Authorship, VersionHand
from records.models import PrintedName

_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "sir", "dame", "md", "phd"})


def words_of(name: str) -> frozenset[str]:
    """The words and numbers of a name that tell people apart: without accents, titles, initials and case."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)).casefold()
    return frozenset(word for word in re.findall(r"[^\W\d_]+|\d+", plain) if (len(word) > 1 or word.isdigit()) and word not in _TITLES)


def is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same words in any order, or all words of the shorter, two at least."""
    short, long = sorted((words_of(one), words_of(other)), key=len)
    return bool(short) and (short == long or (len(short) > 1 and short < long))


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses lead to one mailbox: in any case, and whatever stands after a plus sign."""
    return _mailbox(one) == _mailbox(other)


def _mailbox(address: str) -> str:
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def bars(version: ArticleVersion, *, name: str, email: str) -> list[str]:
    """Why somebody may not advise on a version: their name or their address is that of somebody with a hand in it (COI-1)."""
    names, addresses = _hands(version)
    reasons = []
    if any(is_same_name(name, hand) for hand in names):
        reasons.append("This is the name of somebody with a hand in the text, who cannot review it.")
    if any(is_same_address(email, hand) for hand in addresses):
        reasons.append("This is the address of somebody with a hand in the text, who cannot review it.")
    return reasons


def _hands(version: ArticleVersion) -> tuple[set[str], set[str]]:
    """The names, as they are and as they were printed, and the addresses of all who count as a hand in a version."""
    found = VersionHand.objects.filter(VersionHand.in_text(Q(version=version), Q(version__article=version.article_id))).order_by()
    hands = list(found.values_list("printed_name_id", "person__name", "user__person__name", "person__user__email", "user__email"))
    drafters = list(Authorship.objects.filter(article=version.article_id).order_by().values_list("person__name", "person__user__email"))
    printed = PrintedName.objects.filter(pk__in=[hand[0] for hand in hands if hand[0]])
    names = [str(row.words.get("name", "")) for row in printed] + [name for hand in hands for name in hand[1:3]] + [name for name, _ in drafters]
    return _given(names), _given([address for hand in hands for address in hand[3:]] + [address for _, address in drafters])


def _given(words: Iterable[str | None]) -> set[str]:
    return {each for each in words if each}
