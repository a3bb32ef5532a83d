"""A7: whatever is posted along with a form, only what the form is for changes: no state, owner, version, signature or date."""

import re

import html5lib
import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client

from tests import domain
from tests.crawl import addresses
from tests.crawl.secrets import CHAPTERS, Story
from tests.scale import PROVE

pytestmark = pytest.mark.django_db
# Names that a form of ours may rightly have: its own field wins, so the junk is left out where the form has that name.
VALUES = {
    "state": "approved", "version": "1", "digest": "0" * 64, "is_active": "1", "is_staff": "1", "is_superuser": "1", "draft_number": "999", "number": "999",
}  # fmt: skip


def junk(story):
    """Every column of every table of ours, with a value that somebody might wish for."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in domain.OURS and not model.__name__.startswith("Historical"):
            for field in model._meta.concrete_fields:
                value = VALUES.get(field.name)
                if value is None and isinstance(field, models.DateTimeField | models.DateField):
                    value = "2001-01-01"
                elif value is None and isinstance(field, models.ForeignKey):
                    value = str(story.outsider.pk)
                elif value is None:
                    value = "1"
                found[field.name] = found[field.attname] = value
    return found


def fields_of(form):
    """What a browser would send with a form as it stands, with words where it asks for words."""
    found = {}
    for element in form.iter():
        name, kind = element.attrib.get("name"), element.attrib.get("type", "text")
        if not name or "disabled" in element.attrib:
            continue
        if element.tag == "textarea":
            found[name] = element.text or "Some words."
        elif element.tag == "select":
            options = [option for option in element.iter("option") if option.attrib.get("value")]
            chosen = [option for option in options if "selected" in option.attrib] or options[:1]
            found[name] = chosen[0].attrib["value"] if chosen else ""
        elif element.tag == "input" and kind in {"radio", "checkbox"}:
            if "checked" in element.attrib or name not in found:
                found[name] = element.attrib.get("value", "on")
        elif element.tag in {"input", "button"} and kind not in {"submit", "file", "image"}:
            found[name] = element.attrib.get("value") or ("Some words." if kind == "text" else "")
    return found


FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


def _parsed(form):
    return next(html5lib.parseFragment(form, namespaceHTMLElements=False).iter("form"))


def forms(client, starts, most):
    """(address, fields) of every form that posts, on every page that this person can read; one of each shape."""
    seen = set()
    for address, response in addresses.crawl(client, starts, most=most).items():
        if "html" not in response.headers.get("Content-Type", "") or response.status_code != 200:
            continue
        for form in map(_parsed, FORM.findall(addresses.body(response).decode())):
            target, given = form.attrib.get("action") or address, fields_of(form)
            shape = (tuple(sorted(given)), target.rsplit("/", 2)[-2:][0], address if target == address else "")
            if form.attrib.get("method", "").lower() == "post" and "logout" not in target and not target.startswith(("/accounts/", "/guest/")) and shape not in seen:
                seen.add(shape)
                yield target, given


FREE = (models.DateTimeField, models.UUIDField, models.BinaryField)


def facts():
    """Every row of our tables without the values that differ from one try to the next: ids, moments, salts, tags."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.app_label not in domain.OURS:
            continue
        names = [f.attname for f in meta.concrete_fields if not isinstance(f.target_field if f.is_relation else f, FREE) and not f.primary_key]
        names = [name for name in names if name not in {"salt", "commitment", "etag", "password", "digest", "token_hash", "parts", "before", "after"} or meta.label in {"records.Event", "records.MailPreference"}]
        found[meta.label] = sorted(map(repr, model._default_manager.values_list(*names))) if names else model._default_manager.count()
    return found


ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def ids():
    """The ids of all rows there are."""
    own = [model for model in apps.get_models() if isinstance(model._meta.pk, models.UUIDField)]
    return {str(key) for model in own for key in model._default_manager.values_list("pk", flat=True)}


def posted(client, target, data, known):
    """What a post leads to, taken back again; where an event names a row that the post itself made, its id is left out."""
    with transaction.atomic():
        code = client.post(target, data).status_code
        found = code, facts()
        found[1]["records.Event"] = [ID.sub(lambda match: match[0] if match[0] in known else "a new row", row) for row in found[1]["records.Event"]]
        transaction.set_rollback(True)
    return found


@pytest.mark.long
@pytest.mark.parametrize("who", ["owner", "unnamed", "editor", "superuser"])
def test_a7_what_is_posted_beside_a_form_changes_nothing(who, report):
    story = Story()
    for happens, step, *_ in CHAPTERS:
        step(story)
        if happens == "they are under review":
            break
    client = Client(raise_request_exception=False)
    client.force_login(getattr(story, who))
    wishes, before, known, wrong, rows = junk(story), facts(), ids(), [], []
    starts = addresses.addresses(1, lambda pattern: "logout" not in pattern.route and addresses.own(pattern))
    for target, given in forms(client, starts, 2000 if PROVE else 160):
        beside = {name: value for name, value in wishes.items() if name not in given}
        code, alone = posted(client, target, given, known)
        again, together = posted(client, target, {**beside, **given}, known)
        changed = sorted(label for label in before if alone[label] != before[label])
        rows.append([target.split("?")[0], len(given), len(beside), code, ", ".join(changed)])
        if (code, alone) != (again, together):
            wrong.append(f"{target}: {code} and {again}, {sorted(label for label in alone if alone[label] != together[label])}")
    report(f"Every column posted beside every form, by {who}", ["form", "its fields", "columns beside", "answer", "tables that it changes"], rows)
    assert rows
    assert "\n".join(wrong) == ""
