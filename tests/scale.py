"""One scale for the whole suite: small in `make test`, full in `make prove`."""

import os

PROVE = os.environ.get("PROVE") == "1"


def examples(small: int, full: int) -> int:
    """How many examples to try: `small` in `make test`, `full` (the number of the guarantee) in `make prove`."""
    return full if PROVE else small
