"""Who may have a message sent again. Permissions only."""

from records.models import Outbox, User
from records.permits import permit


@permit
def can_retry_message(user: User, row: Outbox | None) -> bool:
    """Those who look after the queue."""
    return user.is_active and user.is_staff and user.has_perm("records.change_outbox")
