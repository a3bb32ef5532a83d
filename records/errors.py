"""Refusals that an act may raise, with sentences fit to show to the person who asked."""

from django.core.exceptions import PermissionDenied


class NotReady(Exception):
    """The record is not ready for this step; `reasons` are sentences that may be shown."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons or ("This cannot be done now.",)
        super().__init__(" ".join(self.reasons))


class StaleRecord(NotReady):
    """The record moved on since the person looked at it; nothing was applied."""


class ImmutableRecord(Exception):
    """What happened is kept: this row can be neither changed nor deleted."""


def refuse_unless(allowed: bool, words: str) -> None:
    """PermissionDenied with these words, unless it is allowed."""
    if not allowed:
        raise PermissionDenied(words)
