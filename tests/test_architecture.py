"""The shape of the house: who may import whom, who may read what, and that every way in says which rules decide about it."""

import ast
import importlib
from functools import cache

import pytest
from django.contrib import admin
from django.core.management import get_commands, load_command_class
from django.urls import URLPattern, get_resolver

from records import permits
from records.admin_base import AuditedAdmin
from tests import house

ORDER = ["records", "articles", "reviews", "editorial"]


# ---- Reading the code


@cache
def modules():
    """Module name → its tree, for every module of ours but migrations."""
    found = {}
    for path in house.code():
        name = ".".join(path.relative_to(house.ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imports(name, tree=None):
    """The dotted names that a module imports, at its top or inside a function, with their lines."""
    for node in ast.walk(tree or modules()[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno} imports by a relative name"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "import_string", "__import__"}:
            for argument in node.args:
                yield (argument.value if isinstance(argument, ast.Constant) else "?"), node.lineno


def _called(node):
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def app_of(name):
    return name.partition(".")[0]


def edges():
    """Every import of one module of ours by another: (importing, imported, line)."""
    for name in modules():
        for imported, line in imports(name):
            if app_of(imported) in {*ORDER, "config"}:
                yield name, imported, line


# ---- Between apps


def upward(found):
    """Imports of a higher app by a lower one."""
    return [
        f"{name}:{line} imports {imported}"
        for name, imported, line in found
        if app_of(name) in ORDER and app_of(imported) in ORDER and ORDER.index(app_of(imported)) > ORDER.index(app_of(name))
    ]


def test_no_app_imports_one_above_it():
    assert upward(edges()) == []


@pytest.mark.parametrize(
    "line", ["from editorial import workflow", "import reviews.models", "def f():\n    from reviews.models import Submission", "import_string('editorial.x')"]
)
def test_an_import_upward_would_be_found(line):
    found = [("articles.drafting", imported, number) for imported, number in imports("articles.drafting", ast.parse(line))]
    assert len(upward(found)) == 1


def test_wiring_holds_no_rules_and_rules_do_not_wire():
    """Settings and readers import nothing of ours; of config, only the commands that start processes know."""
    wired = {"config.urls", "config.celery"}
    assert [edge for edge in edges() if app_of(edge[0]) == "config" and edge[0] not in wired and app_of(edge[1]) != "config"] == []
    starting = {"editorial.management.commands.serve", "editorial.management.commands.sweep"}
    assert [edge for edge in edges() if app_of(edge[1]) == "config" and app_of(edge[0]) != "config" and edge[0] not in starting] == []


def test_only_editorial_has_addresses():
    """Lower apps know no URL, neither by a file of their own nor by a name."""
    assert [name for name in modules() if name.endswith(".urls") and app_of(name) not in {"editorial", "config"}] == []
    below = [name for name in modules() if app_of(name) in ORDER[:3]]
    assert [(name, imported) for name in below for imported, _ in imports(name) if imported in {"django.urls.reverse", "django.shortcuts.resolve_url"}] == []


def test_there_are_no_signals_between_our_apps():
    """Django's own are listened to where apps are wired; of ours there are none."""
    signals = ("django.dispatch", "django.db.models.signals", "django.db.backends.signals", "django.core.signals", "django.contrib.auth.signals")
    users = {name for name in modules() for imported, _ in imports(name) if imported.startswith(signals)}
    assert all(name.endswith(".apps") for name in users), users
    assert not any(imported.startswith("django.dispatch") for name in modules() for imported, _ in imports(name))


# ---- Inside an app: entrances → acts → what both stand on

ENTRANCES = ("admin", "admin_base", "tasks", "urls", "views", "management", "workspace", "desk", "inbox", "guest", "public", "demo", "templatetags")
ACTS = {
    "records": ("post", "links", "digests", "sweeps", "history", "tasks"),
    "articles": ("drafting", "freezing", "listing", "merging", "registry", "screening"),
    "reviews": ("commenting", "outside", "reviewing", "rounds", "signing"),
    "editorial": (
        "workflow", "publishing", "rereviewing", "endings", "inviting", "importing", "minor_changes", "previews", "reminders", "sweeping",
        "invariants", "cases", "cited_works", "evidence_watch", "refreshing", "asking", "forgetting", "limiting", "questions", "triage",
        "waiving", "slugs",
    ),
}
WIRING = ("apps", "middleware", "health")


def layer(name):
    """2 for an entrance, 1 for an act, 0 for what acts stand on."""
    app, _, rest = name.partition(".")
    room = rest.partition(".")[0]
    if room in ENTRANCES:
        return 2
    return 1 if room in ACTS.get(app, ()) else 0


def test_inside_an_app_nothing_imports_what_stands_on_it():
    found = []
    for name, imported, line in edges():
        is_wiring = name.partition(".")[2] in WIRING
        if app_of(name) == app_of(imported) and not is_wiring and layer(imported) > layer(name):
            found.append(f"{name}:{line} imports {imported}")
    assert found == []


# A guest reads a text as the desk and the workspace show it: they render, and know nobody.
LENT_TO_GUESTS = {"editorial.desk.reading", "editorial.workspace.drafts"}


def test_the_rooms_of_the_site_do_not_know_each_other():
    rooms = ("public", "workspace", "desk", "inbox", "guest")
    found = []
    for name, imported, line in edges():
        here, there = (full.split(".")[1] if full.count(".") else "" for full in (name, imported))
        is_lent = here == "guest" and imported in LENT_TO_GUESTS
        if here in rooms and there in rooms and here != there and app_of(imported) == "editorial" and not is_lent:
            found.append(f"{name}:{line} imports {imported}")
    assert found == []


def test_tasks_are_imported_by_nobody_but_the_clock():
    """Acts write outbox rows; a sender is woken by the name of its task."""
    found = [edge for edge in edges() if ".tasks" in edge[1] and edge[0] != "config.celery"]
    assert found == []


def test_the_state_machine_has_one_import():
    users = {name for name in modules() for imported, _ in imports(name) if app_of(imported) == "django_fsm"}
    assert users == {"reviews.fsm"}


def test_nothing_of_ours_imports_the_tests():
    assert [name for name in modules() for imported, _ in imports(name) if app_of(imported) == "tests"] == []


# ---- The public pages (B1)

PUBLIC_MODELS = {"PublishedPage", "Publication", "Address", "PageNotice", "EvidenceOutcome", "BoardMember", "Topic", "ReviewPolicy", "SearchEntry", "TopicEntry"}
BY_PUBLIC_ALONE = {"BoardMember", "Topic", "ReviewPolicy"}
WRITES = {
    "save", "create", "bulk_create", "update", "bulk_update", "get_or_create", "update_or_create", "delete", "select_for_update", "on_commit", "atomic",
}  # fmt: skip
ASKED_OF_READERS = ("editorial.public.questions",)  # questions and reports go through acts of their own


def public():
    """The modules behind the public pages."""
    return [name for name in modules() if name.startswith("editorial.public")]


def test_b1_public_pages_read_what_is_public_alone():
    found = []
    for name in public():
        for imported, line in imports(name):
            room, _, model = imported.rpartition(".")
            if ".models" in imported and app_of(imported) in ORDER and (not room.endswith("models") or model not in PUBLIC_MODELS):
                found.append(f"{name}:{line} imports {imported}")
    assert found == []
    assert public()


def test_b1_the_board_topics_and_policies_are_asked_for_their_public_side():
    found = []
    for name in public():
        for node in ast.walk(modules()[name]):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr in {"objects", "history", "_default_manager"}:
                model = getattr(node.value.value, "id", "")
                if node.value.attr != "objects" or (model in BY_PUBLIC_ALONE and node.attr != "public"):
                    found.append(f"{name}:{node.lineno} asks {model}.{node.value.attr}.{node.attr}")
    assert found == []


def test_b1_public_pages_write_nothing():
    found = []
    for name in public():
        for node in ast.walk(modules()[name]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES and name not in ASKED_OF_READERS:
                found.append(f"{name}:{node.lineno} calls {node.func.attr}")
        assert name in ASKED_OF_READERS or not (acts := acts_in(name)), f"{name} imports {acts}"
    assert found == []


def acts_in(name, tree=None):
    """The acts that a module imports: as modules, and by their names out of one."""
    return [imported for imported, _ in imports(name, tree) if app_of(imported) in ORDER and layer(imported) == 1]


@pytest.mark.parametrize("line", ["from editorial import publishing", "from editorial.publishing import publish", "import editorial.workflow", "from records import post"])
def test_an_act_in_a_public_page_would_be_found(line):
    assert acts_in("editorial.public.pages", ast.parse(line))


def test_b1_what_a_public_page_may_import_is_no_act():
    assert acts_in("editorial.public.pages", ast.parse("from editorial import news, pages\nfrom editorial.models import Publication")) == []


# ---- Every way in says which rules decide (A1)


def _known(rules):
    return bool(rules) and all(rule in permits.OPEN_TO or f"can_{rule}" in permits.PERMITS for rule in rules)


def _declared(callback):
    """The rules of a view: on the function, what it wraps, or its class."""
    for place in (callback, getattr(callback, "view_class", None), getattr(callback, "__wrapped__", None)):
        if rules := getattr(place, "ruled_by", ()):
            return rules
    return ()


def _patterns(resolver=None, before="", spaces=""):
    resolver = resolver or get_resolver()
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, spaces + (pattern.name or ""), pattern.callback
        else:
            yield from _patterns(pattern, route, spaces + (f"{pattern.namespace}:" if pattern.namespace else ""))


# Views that are not ours to decorate → who gets in, as their package decides and other tests show.
ALLAUTH = {
    "account_login": "anyone",
    "account_logout": "anyone",
    "account_inactive": "anyone",
    "account_signup": "anyone",  # closed: records/accounts.py
    "account_reauthenticate": "signed_in",
    "account_email": "signed_in",
    "account_email_verification_sent": "anyone",
    "account_confirm_email": "anyone",  # with a key that was mailed
    "account_change_password": "signed_in",
    "account_set_password": "signed_in",
    "account_reset_password": "anyone",
    "account_reset_password_done": "anyone",
    "account_reset_password_from_key": "anyone",  # with a key that was mailed
    "account_reset_password_from_key_done": "anyone",
    "account_confirm_login_code": "anyone",
    "mfa_index": "signed_in",
    "mfa_authenticate": "anyone",  # whose password was right
    "mfa_reauthenticate": "signed_in",
    "mfa_activate_totp": "signed_in",
    "mfa_deactivate_totp": "signed_in",
    "mfa_view_recovery_codes": "signed_in",
    "mfa_generate_recovery_codes": "signed_in",
    "mfa_download_recovery_codes": "signed_in",
}
ADMIN = {
    "admin:login": "anyone",
    "admin:logout": "anyone",
    "admin:password_change": "signed_in",
    "admin:password_change_done": "signed_in",
    "admin:autocomplete": "staff",
    "admin:jsi18n": "staff",
    "admin:view_on_site": "staff",
    "admin:app_list": "staff",
    "admin:": "staff",  # any other address below /admin/
}
# Of each model: by the permissions of editorial/roles.py, as AuditedAdmin asks for them; nothing is deleted by anybody.
MODEL_PAGES = ("changelist", "add", "change", "delete", "history", "simple_history", "password_change")


def _is_page_of_a_model(name, route):
    """Whether it is a page of a registered model's admin, or the old address that leads to one."""
    labels = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    place = name.removeprefix("admin:")
    return any(place == f"{label}_{page}" for label in labels for page in MODEL_PAGES) or (
        place == "" and route.endswith("<path:object_id>/") and any(route == f"admin/{label.replace('_', '/', 1)}/<path:object_id>/" for label in labels)
    )


def undeclared_views():
    """Addresses whose view declares no rule, or one that there is not."""
    for route, name, callback in _patterns():
        foreign = not callback.__module__.startswith((*ORDER, "config"))
        if name.startswith("admin:") and _is_page_of_a_model(name, route):
            continue
        if foreign and not _declared(callback):
            if name not in ALLAUTH and name not in ADMIN:
                yield f"/{route} ({name}): a foreign view that the table does not know"
        elif not _known(_declared(callback)):
            yield f"/{route} ({name}): {callback.__module__}.{callback.__qualname__} declares {_declared(callback) or 'no rule'}"


def undeclared_actions():
    """Admins of ours that are not audited, and actions over many rows without a rule."""
    for model, found in admin.site._registry.items():
        if not isinstance(found, AuditedAdmin):
            yield f"{type(found).__qualname__} of {model.__name__} is no AuditedAdmin"
        for action in found.actions or ():
            function = action if callable(action) else getattr(found, action, None)
            if not _known(_declared(function)):
                yield f"the action {action} of {type(found).__qualname__} declares no rule"
    if left := [name for name, _ in admin.site.actions if name != "delete_selected"]:
        yield f"actions of the whole site: {left}"


def undeclared_tasks():
    """Tasks of ours without a rule."""
    from config.celery import app

    app.loader.import_default_modules()
    for name, task in app.tasks.items():
        if not name.startswith("celery.") and not _known(_declared(task) or _declared(task.run)):
            yield f"the task {name} declares no rule"


def undeclared_commands():
    """Commands of ours without a rule."""
    for name, app in get_commands().items():
        if app in ORDER:
            command = load_command_class(app, name)
            if not _known(getattr(command, "ruled_by", ())):
                yield f"the command {name} declares no rule"


@pytest.mark.parametrize("kind", [undeclared_views, undeclared_actions, undeclared_tasks, undeclared_commands])
def test_a1_every_way_in_declares_which_rules_decide(kind):
    assert list(kind()) == []


def test_a1_the_table_of_foreign_views_names_nothing_that_is_gone():
    here = {name for _, name, _ in _patterns()}
    assert set(ALLAUTH) - here == set()
    assert set(ADMIN) - here == set()
    assert set(ALLAUTH.values()) | set(ADMIN.values()) <= set(permits.OPEN_TO)


def test_a1_a_way_in_without_a_rule_would_be_found(monkeypatch):
    def view(request):
        return None

    view.__module__ = "editorial.public.views"
    monkeypatch.setattr("tests.test_architecture._patterns", lambda: [("x/", "x", view), ("y/", "y", permits.ruled_by("no_such_step")(lambda r: r))])
    assert len(list(undeclared_views())) == 2
    assert not _known(("submit", "no_such_step"))
    assert _known(("submit", "anyone"))


def test_a1_a_step_that_is_asked_for_is_one_that_there_is():
    """`may("step")` of a view and `policies.can_step` of an act name permits of the registry."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == "may" and node.args and isinstance(node.args[0], ast.Constant):
                assert f"can_{node.args[0].value}" in permits.PERMITS, f"{name}:{node.lineno}"
            if isinstance(node, ast.Attribute) and node.attr.startswith("can_") and getattr(node.value, "id", "") == "policies":
                assert node.attr in permits.PERMITS, f"{name}:{node.lineno}"


def test_a1_every_permit_decides_something():
    """A permit that no view declares and no act asks for is one that somebody forgot to ask for."""
    asked = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in {"may", "ruled_by", "desk", "staff"}:
                asked |= {f"can_{argument.value}" for argument in node.args if isinstance(argument, ast.Constant)}
            elif isinstance(node, ast.Attribute):
                asked.add(node.attr)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "step" and isinstance(node.value, ast.Constant):
                asked.add(f"can_{node.value.value}")
    assert set(permits.PERMITS) - asked == set()


def test_every_module_can_be_imported():
    """Also those that only a command or another process loads."""
    for name in modules():
        if not name.startswith("config.celery") and not name.endswith("guardian"):
            importlib.import_module(name)
