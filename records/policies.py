"""Who may have a message sent again, and release a sweep. Permissions only."""

from records.models import Outbox, Sweep, User
from records.permits import permit


@permit
def can_retry_message(user: User, row: Outbox | None) -> bool:
    """Those who look after the queue."""
    return user.is_active and user.is_staff and user.has_perm("records.change_outbox")


@permit
def can_release_sweep(user: User, sweep: Sweep | None = None) -> bool:
    """Those who look after the queue; whoever runs the command on the machine itself."""
    return user.email == User.SYSTEM or (user.is_active and user.is_staff and user.has_perm("records.change_sweep"))
