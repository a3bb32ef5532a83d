"""Who people are, what happened, what must be sent."""

from records.models.access_link import AccessLink
from records.models.event import Event, entry, record, record_all, type_of
from records.models.outbox import Delivery, Outbox
from records.models.person import Affiliation, Person, PersonalTie, PrintedName, User, system_user
from records.models.preference import CalendarLink, MailPreference
from records.models.sweep import Sweep

__all__ = [
    "AccessLink",
    "Affiliation",
    "CalendarLink",
    "Delivery",
    "Event",
    "MailPreference",
    "Outbox",
    "Person",
    "PersonalTie",
    "PrintedName",
    "Sweep",
    "User",
    "entry",
    "record",
    "record_all",
    "system_user",
    "type_of",
]
