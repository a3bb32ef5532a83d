"""What the pages of the desk are called in a way back to them."""

from urllib.parse import urlsplit

from django import template
from django.urls import Resolver404, resolve

register = template.Library()

_NAMES = {
    "desk:submission": "Submission",
    "desk:assign": "Submission",
    "desk:review": "Review",
    "desk:publication": "Publication",
    "desk:propose_retraction": "Retraction",
    "desk:question": "From a reader",
    "desk:asked_findings": "Findings that authors ask about",
    "desk:duplicates": "May be one work",
    "desk:evidence": "Evidence",
    "desk:schedule": "Schedule",
}


@register.filter
def place(address: str) -> str:
    """The name of the page at an address; "Back" for one that has none here."""
    try:
        found = resolve(urlsplit(address).path)
    except Resolver404:
        return "Back"
    return _NAMES.get(found.view_name, "Back")
