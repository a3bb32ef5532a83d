"""How often one address, or one customer's network of IPv6, may ask within a minute, counted in the memory of each process: nothing is written, and nothing is kept past the minute."""

from collections import Counter
from time import monotonic

from django.conf import settings
from django.http import HttpRequest

from editorial.public.api.problems import Refused
from records.accounts import client_network

MINUTE = 60
# Of more addresses than these within a minute nobody is counted on.
MOST_ADDRESSES = 100_000


class Limit:
    """The requests of this minute, by address."""

    def __init__(self) -> None:
        self.minute = 0
        self.counts: Counter[str] = Counter()

    def wait(self, address: str, most: int, now: float) -> int:
        """Count one request; how many seconds the address has to wait, 0 when it may ask."""
        minute = int(now) // MINUTE
        if minute != self.minute or len(self.counts) > MOST_ADDRESSES:
            self.minute, self.counts = minute, Counter()
        self.counts[address] += 1
        return 0 if self.counts[address] <= most else MINUTE - int(now) % MINUTE


LIMIT = Limit()


def need_room(request: HttpRequest) -> None:
    """Refused when this address has asked too often; never where API_PER_MINUTE is 0."""
    if settings.API_PER_MINUTE and (seconds := LIMIT.wait(client_network(request), settings.API_PER_MINUTE, monotonic())):
        raise Refused(429, Retry_After=str(seconds))
