"""The one registry of who may do what: `can_<step>(user, object)`, filled by each app's policies.py."""

from collections.abc import Callable
from typing import Any, TypeVar

Permit = Callable[[Any, Any], bool]
View = TypeVar("View", bound=Callable[..., Any])

PERMITS: dict[str, Permit] = {}
OPEN_TO = {"system": "the system itself: workers and commands, which no visitor reaches", "anyone": "everybody, signed in or not", "signed_in": "whoever is signed in", "staff": "members of staff", "token": "whoever shows the secret of this address"}


def permit(function: Permit) -> Permit:
    """Enter a `can_<step>` function; a second one for the same step is a programming error."""
    name = function.__name__
    if not name.startswith("can_"):
        raise ValueError(f"{name}: a permit is named can_<step>.")
    if name in PERMITS:
        raise ValueError(f"{name} is registered twice.")
    PERMITS[name] = function
    return function


def may(step: str, user: Any, obj: Any = None) -> bool:
    """Whether this person may take the step on this object; an unknown step is a KeyError, never a yes."""
    return PERMITS[f"can_{step}"](user, obj)


def ruled_by(*rules: str) -> Callable[[View], View]:
    """Declare which rules decide about a view, admin action, task or command: steps of the registry or one of OPEN_TO.

    Nothing is enforced here: the declaration is what the build compares with the registry, so that no way in is undeclared.
    """

    def mark(view: View) -> View:
        view.ruled_by = rules  # type: ignore[attr-defined]
        return view

    return mark
