"""The reviewer's pages: the invitation, the declaration of interests, the text with its evidence, the signature."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from articles.models import ArticleVersion, Audience
from articles.rendering import passages_of
from editorial.desk import changes, earlier, evidence, facts, forms, reading, recommending, typed
from editorial.desk.acts import ActPage, attempt, desk, fill, person
from editorial.kept import WAS_KEPT, forget_act, kept_acts
from records import clock
from records.errors import NotReady
from records.models import PrintedName, User
from records.permits import may
from reviews import quorum, reviewing
from reviews.models import FAVOURABLE, Comment, ReferenceAnswer, ReviewAssignment
from reviews.signing import statement

State = ReviewAssignment.State


def mine(user: User) -> Any:
    """The reviews that this person may see: their own, neither declined nor cancelled, while they may review at all."""
    found = ReviewAssignment.objects.visible().of(user).for_desk()  # type: ignore[attr-defined]
    return found if user.has_perm("reviews.review") else found.none()


def my(request: HttpRequest, pk: UUID) -> ReviewAssignment:
    """One of one's own reviews; 404 for anybody else's."""
    found: ReviewAssignment = get_object_or_404(mine(person(request)), pk=pk)
    return found


def is_open_to(found: ReviewAssignment) -> bool:
    """Whether the text is open: interests were declared for exactly this version."""
    declaration = found.declaration
    return found.opened_at is not None and declaration is not None and declaration.digest == found.submission.version.digest


@desk("review", "answer_invitation")
@require_safe
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where one's review stands: the invitation, then the declaration, then the text."""
    found = my(request, pk)
    if found.state == State.ASSIGNED:
        return invitation(request, found)
    if found.state == State.ACCEPTED and not is_open_to(found):
        return redirect("desk:declare", pk)
    if not may("review", person(request), found):
        raise PermissionDenied
    return page(request, found, **typed.again(request, found))


# ---- The invitation


def invitation(request: HttpRequest, found: ReviewAssignment, form: Any = None, status: int = 200) -> HttpResponse:
    """What is asked: the title, its authors and what of the answer will be public. Not a word of the text."""
    version = found.submission.version
    if form is None:
        form = forms.AcceptForm(request=request, initial={"digest": version.digest, **_named_before(found)})
        if (kept := kept_acts(request).get("accept")) is not None:
            fill(form, kept)
            messages.info(request, WAS_KEPT)
    context = {
        "assignment": found,
        "version": version,
        "authors": facts.authors(version, clock.today()),
        "form": form,
        "open_names": found.submission.policy.names_reviewers_to_authors,
    }
    return render(request, "admin/desk/invitation.html", context, status=status)


def _named_before(found: ReviewAssignment) -> dict[str, str]:
    """What this member said about being named when they last read these very words; a re-review need not ask as if for the first time."""
    mine_before = ReviewAssignment.objects.filter(member=found.member_id, submission__version=found.submission.version_id)
    named = mine_before.filter(named_in_public__isnull=False).order_by("-assigned_at").values_list("named_in_public", flat=True).first()
    return {} if named is None else {"named": "yes" if named else "no"}


_ACCEPTED = {True: "Accepted.", False: "Accepted. Declare your interests to open the text."}


@desk("review", page="desk:review")
@require_POST
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the review on; whoever has no interest to declare says so with the same button, and the text opens."""
    found, form = my(request, pk), forms.AcceptForm(request.POST, request=request)
    if not form.is_valid():
        return invitation(request, found, form)
    by, named, judges = person(request), form.cleaned_data["named"] == "yes", form.cleaned_data["judges"]
    done = attempt(request, lambda: reviewing.accept(found, by=by, named_in_public=named, judges=judges), _ACCEPTED[form.declares_none])
    forget_act(request, reverse("desk:review", args=[pk]), "accept")
    if done and form.declares_none:
        digest = form.cleaned_data["digest"]
        attempt(request, lambda: reviewing.declare(found, by=by, digest=digest, conclusion=form.NONE), "You declared no conflict. The text is open.")
    return redirect("desk:review", pk)


class Decline(ActPage):
    """Saying no, before or after accepting."""

    step, heading, button = "answer_invitation", "Decline this review", "Decline this review"
    done = "Declined. The editor has been told."
    form_class = forms.OptionalReasonForm

    def rows(self, user: User) -> Any:
        """One's own reviews."""
        return mine(user)

    def says(self) -> list[str]:
        """What declining means."""
        return ["The editor will ask somebody else. You will no longer see this article.", "What you have noted and not sent is sent to nobody."]

    def back(self) -> str:
        """The desk; before declining, the page one came from."""
        return reverse("admin:index") if self.request.method == "POST" else reverse("desk:review", args=[self.object.pk])

    def act(self, by: User, form: Any) -> str:
        """Decline."""
        reviewing.decline(self.object, by=by, reason=form.cleaned_data["reason"])
        return ""


# ---- The declaration


class Declare(ActPage):
    """Interests for this article, before its text is opened: title, authors and institutions only (COI-3)."""

    step, heading, button = "review", "Declare your interests for this article", "Declare and open the text"
    template_name = "admin/desk/declare.html"
    form_class = forms.DeclareForm

    def rows(self, user: User) -> Any:
        """One's own reviews that were accepted."""
        return mine(user).filter(state=State.ACCEPTED)

    def version(self) -> ArticleVersion:
        """The version that will open."""
        found: ArticleVersion = self.object.submission.version
        return found

    def back(self) -> str:
        """The text, once it is open."""
        return reverse("desk:review", args=[self.object.pk])

    def act(self, by: User, form: Any) -> str:
        """Declare; a conflict ends the review."""
        data = form.cleaned_data
        found = reviewing.declare(
            self.object, by=by, digest=data["digest"], conclusion=data["conclusion"], kinds=data["kinds"], words=data["words"]
        )
        if found.state == State.DECLINED:
            return "You declared a conflict, so this review has ended. The editor has been told."
        if data["conclusion"] == "unsure":
            return "Declared. You may read the text; the editor has to decide before you sign."
        return "Declared. The text is open."

    def form_valid(self, form: Any) -> HttpResponse:
        """After a conflict there is nothing left to open."""
        response = super().form_valid(form)
        if response.status_code == 302 and form.cleaned_data["conclusion"] == "conflict":
            return HttpResponseRedirect(reverse("admin:index"))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page, with who wrote the article and where they work."""
        return super().get_context_data(version=self.version(), authors=facts.authors(self.version(), clock.today()), **kwargs)


# ---- The text


def page(
    request: HttpRequest, found: ReviewAssignment, *, sign_form: Any = None, comment_form: Any = None, confirm_form: Any = None,
    refused: Any = None, answers: dict[int, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The text under review with all that stands about it; `refused` is a form with what is wrong about an act that has none on the page."""
    version = found.submission.version
    texts, bases = reading.texts(version), changes.baselines(found)
    diffs = {name: changes.between(base, version) for name, base in bases.items()}
    views = _views(texts, bases, diffs)
    keys, said = [view["key"] for view in views], typed.said(comment_form, "audience")
    shown = request.GET.get("view") or (said if said in keys else keys[0])
    if shown not in keys:
        raise Http404
    sources, comments = reading.sources(version), list(found.comments.prefetch_related("replies"))
    saved = dict(found.reference_answers.values_list("reference_id", "answer"))
    for key, source in sources.items():
        source.answer = (answers or {}).get(key, saved.get(key, ""))
    about = _about(found, person(request), request, sign_form)
    problem = next((form for form in (refused, sign_form, comment_form, confirm_form) if form is not None and form.errors), None)
    context = {
        **about,
        "problem": problem,
        "errors": problem is not None,
        **earlier.of_reviewer(found, request, confirm_form, may_sign=about["is_writable"] and not about["blockers"]),
        "since": evidence.since_last_review(found.submission, sources) if found.submission.is_re_review else None,
        "views": views,
        "shown": shown,
        "changed": diffs.get(shown),
        "baseline": bases.get(shown),
        "places": reading.where_to_comment(diffs[shown], texts, reverse("desk:review", args=[found.pk])) if shown in diffs and about["is_writable"] else {},
        "sources": sources,
        "choices": ReferenceAnswer.Answer.choices,
        "answered": len(saved),
        "unanswered_question": sign_form.first_unanswered if _is_favourable(sign_form) else "",
        "unanswered": _first_unanswered(found, sources, shown) if _is_favourable(sign_form) else "",
        "unsent": sum(comment.sent_at is None for comment in comments),
        "comments": comments,
        **_text(texts.get(shown), sources, comments, request, comment_form),
    }
    return render(request, "admin/desk/review.html", context, status=status)


def _is_favourable(form: Any) -> bool:
    """Whether a recommendation for approval was sent, which needs an answer for every reference."""
    return form is not None and form.data.get("recommendation") in FAVOURABLE


def _first_unanswered(found: ReviewAssignment, sources: dict[int, reading.Source], shown: str) -> str:
    """Where the first reference without an answer stands: on this page where it is there, else in the other text; empty when all have one."""
    left = [source for source in sources.values() if not source.answer]
    if not left:
        return ""
    order = [source for _, source in reading.listed(sources, shown) if source in left] if shown in Audience.values else left
    if order:
        return f"#{shown}-source-{order[0].reference.pk}"
    audience = next(iter(left[0].numbers), Audience.PROFESSIONAL.value)
    return f"{reverse('desk:review', args=[found.pk])}?view={audience}#{audience}-source-{left[0].reference.pk}"


def _views(texts: dict[str, Any], bases: dict[str, ArticleVersion], diffs: dict[str, Any]) -> list[dict[str, str]]:
    words = {"changes": "Changes since the board approved version {}", "since": "Since you last read it, version {}"}
    views = []
    for name, base in bases.items():
        views.append({"key": name, "words": f"{words[name].format(base.number)} ({diffs[name].changed})"})
    names = {"professional": "Text for professionals", "plain": "Plain-language text"}
    return [*views, *({"key": audience, "words": names[audience]} for audience in texts)]


def _text(text: Any, sources: Any, comments: list[Comment], request: HttpRequest, given: Any) -> dict[str, Any]:
    """The passages of the text that is shown, each with a form for a comment; the one that was given is kept as typed, wherever its passage is."""
    if text is None:
        return {"pieces": [], "whole": [], "whole_form": None}
    made = reading.pieces(text, sources, comments)
    given = given if typed.said(given, "audience") in {"", text.audience} else None
    place = next((piece for piece in made if typed.said(given, "block") in piece.blocks), None)
    for piece in made:
        piece.form = given if piece is place else forms.CommentForm(
            request=request, auto_id=f"p{piece.number}_%s", initial={"audience": text.audience, "block": piece.block}, parts=passages_of(piece.html)
        )  # fmt: skip
    blank = forms.CommentForm(request=request, auto_id="whole_%s", initial={"audience": text.audience})
    return {"pieces": made, "whole": reading.unplaced(comments, made, text.audience), "whole_form": blank if given is None or place else given, "text": text}


def _about(found: ReviewAssignment, user: User, request: HttpRequest, sign_form: Any) -> dict[str, Any]:
    version, declaration = found.submission.version, found.declaration
    signature = found.signature if found.state == State.COMPLETED else None
    blockers = [] if signature else quorum.signing_blockers(found, declaration)
    printed = PrintedName.objects.filter(pk=signature.printed_name_id).first() if signature else None  # type: ignore[attr-defined]
    return {
        "assignment": found,
        "submission": found.submission,
        "version": version,
        "declaration": declaration,
        "today": clock.today(),
        "signed": facts.signed(signature, printed) if signature else None,  # type: ignore[arg-type]
        "can_revoke": signature is not None and found.submission.is_open,
        "blockers": blockers,
        "findings": facts.findings(found.submission),
        "is_writable": found.state == State.ACCEPTED and found.submission.is_open,
        "statement": statement(found.member.person, version.number),
        "sign_form": sign_form
        or (None if blockers or signature else recommending.form_of(found, request=request, initial={"digest": version.digest})),
    }


def readable(request: HttpRequest, pk: UUID) -> ReviewAssignment:
    """One's own review whose text is open; before the declaration it is as if there were none."""
    found = my(request, pk)
    if not is_open_to(found):
        raise Http404
    if not may("review", person(request), found):
        raise PermissionDenied
    return found


# ---- The signature


@desk("review", page="desk:review")
@require_POST
def sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign and send. Refused, everything typed is kept but the password."""
    found = readable(request, pk)
    form, given = recommending.form_of(found, request.POST, request=request), typed.answers(request.POST)
    saved = dict(found.reference_answers.values_list("reference_id", "answer"))
    unsaved = sum(saved.get(key) != value for key, value in given.items())
    if unsaved:
        form.add_error(None, f"{unsaved} of your answers about references {'is' if unsaved == 1 else 'are'} not saved yet. Save your answers, then sign.")
        return page(request, found, sign_form=form, answers=given)
    if not form.is_valid():
        return page(request, found, sign_form=form, answers=given)
    data = form.cleaned_data
    rest = evidence.unanswered(found, saved) if form.answers_the_rest else []
    try:
        reviewing.recommend(
            found, by=person(request), signing=form.signing, digest=data["digest"], recommendation=data["recommendation"], note=data["note"],
            form=form.form_answers, answers=dict.fromkeys(rest, ReferenceAnswer.Answer.SUPPORTS.value),
        )  # fmt: skip
    except NotReady as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason)
        return page(request, found, sign_form=form, answers=given, status=409)
    typed.done(request, found)
    messages.success(request, "Signed and sent. Your recommendation is on record.")
    return redirect("desk:review", pk)


class Revoke(ActPage):
    """Taking one's recommendation back, itself signed; the first signature stays on record (SIG-9)."""

    step, heading, button = "review", "Revoke your recommendation", "Sign and revoke"
    done = "Revoked. Your review is open again; the first signature stays on record."
    form_class = forms.SignedReasonForm
    is_danger = True

    def rows(self, user: User) -> Any:
        """One's own signed reviews."""
        return mine(user).filter(state=State.COMPLETED)

    def version(self) -> ArticleVersion:
        """What was signed."""
        found: ArticleVersion = self.object.submission.version
        return found

    def says(self) -> list[str]:
        """What it means."""
        return ["Your recommendation no longer counts. You can read the text again and sign another.", "The editor is told, with your reason."]

    def back(self) -> str:
        """The text."""
        return reverse("desk:review", args=[self.object.pk])

    def act(self, by: User, form: Any) -> str:
        """Revoke."""
        reviewing.revoke(self.object, by=by, signing=form.signing, reason=form.cleaned_data["reason"])
        return ""
