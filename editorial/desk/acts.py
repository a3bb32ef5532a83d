"""How the desk takes a step: a page that says what will happen, and a POST that calls one act."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.datastructures import MultiValueDict
from django.views.generic import FormView

from editorial.desk import forms
from editorial.kept import WAS_KEPT, forget_act, keep, kept_text
from editorial.models import EvidenceCase, Publication, ReaderQuestion
from records.errors import NotReady
from records.models import User
from records.permits import may, ruled_by
from reviews.models import ReviewAssignment, Submission

View = Callable[..., HttpResponseBase]
HERE = "here"
_ABOUT: tuple[type[Model], ...] = (ReviewAssignment, Submission, Publication, ReaderQuestion, EvidenceCase)


def desk(*rules: str, page: str = "") -> Callable[[View], View]:
    """A page of the desk: staff only, never stored, and its rules declared.

    `page` is where people find again what they sent when their session had ended: the name of a page about the same object or of
    a list, or `HERE` where the address is itself one that can be opened.
    """

    def wrap(view: View) -> View:
        inner = admin.site.admin_view(view)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if page and request.method == "POST" and not request.user.is_authenticated:
                return _sign_in(request, page, kwargs.get("pk"))
            return inner(request, *args, **kwargs)

        return ruled_by(*rules)(guarded)

    return wrap


def _sign_in(request: HttpRequest, page: str, pk: Any) -> HttpResponse:
    """To sign in and then to the page, where the words wait: those about an object that there is, without a word on whether there is."""
    query = request.META.get("QUERY_STRING", "")
    path = request.path if page == HERE else _address(page, pk)
    back = f"{path}?{query}" if query else path
    if isinstance(pk, UUID):
        known = [model._default_manager.filter(pk=pk).exists() for model in _ABOUT]  # all are asked, so that the time tells nothing either
        keep(request, back if page == HERE else path, is_known=any(known), act=_name(request))
    return redirect_to_login(back)


def _name(request: HttpRequest) -> str:
    """What an address is called in urls.py."""
    return (request.resolver_match.url_name if request.resolver_match else None) or ""


def _address(page: str, pk: Any) -> str:
    try:
        return reverse(page, args=[pk])
    except NoReverseMatch:
        return reverse(page)


def fill(form: Any, typed: QueryDict) -> None:
    """Show what was typed in the fields of a form that was not sent yet; what is hidden, and the proof of who signs, are the page's own."""
    for name, field in form.fields.items():
        if not field.widget.is_hidden and name != "password":
            form.initial[name] = field.widget.value_from_datadict(typed, MultiValueDict(), form.add_prefix(name))


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
        return desk(cls.step, page=HERE)(cls.as_view())

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

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What will happen; with the words that were sent when the session had ended."""
        if kept_text(request) is not None:
            messages.info(request, WAS_KEPT)
        return super().get(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        """The form, filled with what waits for this page."""
        form = super().get_form(form_class)
        typed = kept_text(self.request)
        if typed is not None and not form.is_bound:
            fill(form, typed)
        return form

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
        forget_act(self.request, self.request.get_full_path(), _name(self.request))
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


class BecomesPublic:
    """Of an act with which a version can become public: a correction is asked for only where something was public that could have been wrong."""

    object: Any

    def get_form(self, form_class: Any = None) -> Any:
        """The form, without the notice of a correction where nothing was public before."""
        form = super().get_form(form_class)  # type: ignore[misc]
        if "correction" in form.fields and not Publication.objects.ever_public().filter(article=self.object.article_id).exists():
            del form.fields["correction"]
        return form
