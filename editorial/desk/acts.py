"""How the desk takes a step: a page that says what will happen, and a POST that calls one act."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.generic import FormView

from editorial.desk import forms
from records.errors import NotReady
from records.models import User
from records.permits import may, ruled_by

View = Callable[..., HttpResponseBase]


def desk(*rules: str) -> Callable[[View], View]:
    """A page of the desk: staff only, never stored, and its rules declared."""

    def wrap(view: View) -> View:
        return ruled_by(*rules)(admin.site.admin_view(view))

    return wrap


def person(request: HttpRequest) -> User:
    """Whoever is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class ActPage(FormView):
    """GET says what will happen; POST does it through one act, or says why not and keeps what was typed.

    A subclass names the rows this person may see (others are 404), the rule that decides (403), and the act.
    """

    template_name = "admin/desk/act.html"
    form_class: type[forms.DeskForm] = forms.ReasonForm
    step: ClassVar[str] = ""
    heading: ClassVar[str] = ""
    button: ClassVar[str] = ""
    done: ClassVar[str] = ""
    is_danger: ClassVar[bool] = False
    http_method_names = ["get", "head", "post"]
    object: Any

    @classmethod
    def address(cls) -> View:
        """The view, for urls.py."""
        return desk(cls.step)(cls.as_view())

    def rows(self, user: User) -> Any:
        """The rows that this person may see."""
        raise PermissionDenied

    def subject(self) -> Any:
        """What the rule is asked about."""
        return self.object

    def says(self) -> list[str]:
        """What will happen, in sentences."""
        return []

    def back(self) -> str:
        """Where to go afterwards."""
        raise PermissionDenied

    def act(self, by: User, form: Any) -> str:
        """Take the step; returns the sentence to show, or an empty one for `done`."""
        raise PermissionDenied

    @property
    def by(self) -> User:
        """Who acts."""
        return person(self.request)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the row among those this person may see."""
        super().setup(request, *args, **kwargs)
        self.object = self.find()

    def find(self) -> Any:
        """The row that the address names, with ids that belong together."""
        return get_object_or_404(self.rows(self.by), pk=self.kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """403 for whoever sees the row and may not take the step."""
        if not may(self.step, self.by, self.subject()):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Every form of the desk is given the request."""
        return {**super().get_form_kwargs(), "request": self.request}

    def get_initial(self) -> dict[str, Any]:
        """What is on the screen, which the act is bound to: the digest of the text, and what else is decided on."""
        version = self.version()
        return {**super().get_initial(), **({"digest": version.digest} if version else {}), "seen": self.on_screen()}

    def on_screen(self) -> str:
        """What tells the row that is decided on from what it may have become since; for a `SeenForm`."""
        return ""

    def version(self) -> Any:
        """The version that is on the screen; None where no text is."""
        return None

    def form_valid(self, form: Any) -> HttpResponse:
        """Act; a refusal is shown above the form, with all that was typed."""
        try:
            words = self.act(self.by, form)
        except NotReady as refusal:
            for reason in refusal.reasons:
                form.add_error(None, reason)
            response = self.form_invalid(form)
            response.status_code = 409
            return response
        messages.success(self.request, words or self.done)
        return HttpResponseRedirect(self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page: heading, consequences, form, button."""
        return super().get_context_data(
            object=self.object, heading=self.heading, button=self.button, says=self.says(), is_danger=self.is_danger, back=self.back(), **kwargs
        )


def attempt(request: HttpRequest, act: Callable[[], Any], done: str) -> bool:
    """Take a step without a form of its own; a refusal becomes a message. Whether it was done."""
    try:
        act()
    except NotReady as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
        return False
    messages.success(request, done)
    return True
