"""Who may publish, withhold, retract and move pages, and who sees the desk. Permissions and relations only."""

from typing import Any

from articles.freezing import savers
from articles.models import Article, ArticleVersion
from articles.policies import can_see_draft
from editorial.models import EvidenceCase, Publication, ReaderQuestion
from records.models import User
from records.permits import permit
from reviews.models import Submission
from reviews.policies import can_decide, can_submit, is_barred_from


def _may(user: User, permission: str) -> bool:
    return user.is_active and user.is_staff and user.has_perm(permission)


def _is_calendar(user: User) -> bool:
    return user.email == User.SYSTEM


@permit
def can_publish(user: User, submission: Submission) -> bool:
    """Editors; it changes no word, so a hand in the text is no bar."""
    return _may(user, "editorial.publish")


@permit
def can_pass_minor(user: User, submission: Submission) -> bool:
    """Editors who may decide on it and publish: it does both."""
    return can_decide(user, submission) and _may(user, "editorial.publish")


@permit
def can_cancel_publication(user: User, publication: Publication) -> bool:
    """Editors."""
    return _may(user, "editorial.publish")


@permit
def can_change_address(user: User, article: Article) -> bool:
    """Editors who may publish."""
    return _may(user, "editorial.publish")


@permit
def can_withhold(user: User, publication: Publication) -> bool:
    """Any one editor; the calendar, where the review policy says so."""
    return _is_calendar(user) or _may(user, "editorial.withhold")


@permit
def can_restore(user: User, publication: Publication) -> bool:
    """Any one editor."""
    return _may(user, "editorial.withhold")


@permit
def can_bring_forward(user: User, publication: Publication) -> bool:
    """Editors who may open a re-review; it changes no word, so a hand in the text is no bar."""
    return _may(user, "reviews.open_re_review")


@permit
def can_question_approval(user: User, publication: Publication) -> bool:
    """Any one editor who may withhold a page and open a re-review: it protects readers and changes no word."""
    return _may(user, "editorial.withhold") and _may(user, "reviews.open_re_review")


@permit
def can_see_overrides(user: User, obj: Any = None) -> bool:
    """Editors and administrators: whoever may see submissions."""
    return _may(user, "reviews.view_submission")


@permit
def can_ask_waiver(user: User, article: Article) -> bool:
    """An author of the article, who alone could submit it."""
    return can_submit(user, article)


@permit
def can_see_waivers(user: User, obj: Any = None) -> bool:
    """Editors see what authors ask about."""
    return _may(user, "articles.add_draftwaiver")


@permit
def can_waive_finding(user: User, article: Article) -> bool:
    """Editors who neither stand on the draft nor ever saved it."""
    return can_see_waivers(user, article) and not article.authorships.filter(person__user_id=user.pk).exists() and user.pk not in savers(article, 0)


@permit
def can_decide_evidence(user: User, case: EvidenceCase) -> bool:
    """Editors who may decide on submissions, without a hand in the text that is public and without a conflict of interest."""
    if not _may(user, "reviews.decide_submission"):
        return False
    shown = Publication.objects.public().filter(article=case.article_id).select_related("submission__version").first()  # type: ignore[attr-defined]
    return shown is None or not is_barred_from(user, shown.submission.version)


@permit
def can_watch_evidence(user: User, obj: Any = None) -> bool:
    """Editors and administrators: whoever may see what is public on the desk, and the references."""
    return _may(user, "editorial.view_publication") and _may(user, "articles.view_reference")


@permit
def can_see_questions(user: User, obj: Any = None) -> bool:
    """Editors: nobody else reads what readers write to them."""
    return _may(user, "editorial.view_readerquestion")


@permit
def can_answer_question(user: User, question: ReaderQuestion) -> bool:
    """Editors; the calendar, once the article that was commissioned is public."""
    return _is_calendar(user) or _may(user, "editorial.answer_question")


@permit
def can_commission_draft(user: User, question: ReaderQuestion) -> bool:
    """Editors who answer readers; whoever does has a hand in what comes of it."""
    return _may(user, "editorial.answer_question")


@permit
def can_propose_retraction(user: User, publication: Publication) -> bool:
    """Editors without a hand in the text and without a conflict of interest."""
    return _may(user, "editorial.retract") and not is_barred_from(user, publication.submission.version)


@permit
def can_confirm_retraction(user: User, publication: Publication) -> bool:
    """A second editor, who did not propose it and has no hand in the text."""
    return can_propose_retraction(user, publication) and publication.retraction_proposed_by_id != user.pk


@permit
def can_see_desk(user: User, obj: Any = None) -> bool:
    """Whoever works in the admin."""
    return user.is_active and user.is_staff


@permit
def can_preview(user: User, obj: Article | ArticleVersion) -> bool:
    """The people who write it; of a version that was submitted, editors too. Whoever cannot read it now lets nobody read it."""
    article = obj.article if isinstance(obj, ArticleVersion) else obj
    return can_see_draft(user, article) or (isinstance(obj, ArticleVersion) and _may(user, "reviews.view_submission"))
