"""Every mail's people and words, composed when it is sent, as one table: NOTICES. docs/reference/notifications.md shows it.

A mail carries title and link, never draft text, comments or a sign-in link; that of an outside reviewer, who has no account, the link to their
one review. Words of people are only ever values.
"""

from editorial.wording import acts, digest, outside, questions, reminders
from editorial.wording.notices import NOTICES, Notice, Tell

__all__ = ["NOTICES", "Notice", "Tell", "acts", "digest", "outside", "questions", "reminders"]
