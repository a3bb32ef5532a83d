"""The addresses of the desk, under /admin/desk/. Everything is named by an opaque id."""

from django.contrib import admin
from django.urls import path

from editorial.desk import (
    calendar,
    changes,
    decisions,
    exceptions,
    forecast,
    notes,
    outside,
    publications,
    quick,
    rereviews,
    review,
    schedule,
    threads,
    views,
)
from records.permits import ruled_by

app_name = "desk"

# The front page of the admin is the desk.
admin.site.index = ruled_by("see_desk")(views.index)  # type: ignore[method-assign,assignment]

urlpatterns = [
    path("queue/<slug:name>/", views.queue, name="queue"),
    path("reviews/", views.reviews, name="reviews"),
    path("office/", views.office, name="office"),
    path("records/", views.records, name="records"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/open/", calendar.open_chosen, name="open_chosen"),
    path("forecast/", forecast.forecast, name="forecast"),
    path("overrides/", exceptions.overrides, name="overrides"),
    path("quick-signatures/", quick.quick_signatures, name="quick_signatures"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/<uuid:pk>/release/", schedule.Release.address(), name="release"),
    # One's own reviews
    path("reviews/<uuid:pk>/", review.review, name="review"),
    path("reviews/<uuid:pk>/accept/", review.accept, name="accept"),
    path("reviews/<uuid:pk>/decline/", review.Decline.address(), name="decline"),
    path("reviews/<uuid:pk>/declare/", review.Declare.address(), name="declare"),
    path("reviews/<uuid:pk>/comment/", notes.comment, name="comment"),
    path("reviews/<uuid:pk>/comments/<uuid:comment>/edit/", notes.EditComment.address(), name="edit_comment"),
    path("reviews/<uuid:pk>/comments/<uuid:comment>/discard/", notes.DiscardComment.address(), name="discard_comment"),
    path("reviews/<uuid:pk>/comments/<uuid:comment>/close/", notes.CloseOwnComment.address(), name="close_own_comment"),
    path("reviews/<uuid:pk>/comments/<uuid:comment>/reply/", threads.Reply.address(), name="reply"),
    path("reviews/<uuid:pk>/comments/<uuid:comment>/reopen/", threads.Reopen.address(), name="reopen_own_comment"),
    path("reviews/<uuid:pk>/answers/", notes.answers, name="answers"),
    path("reviews/<uuid:pk>/confirm/", threads.confirm, name="confirm"),
    path("reviews/<uuid:pk>/sign/", review.sign, name="sign"),
    path("reviews/<uuid:pk>/revoke/", review.Revoke.address(), name="revoke"),
    # Submissions
    path("submissions/", views.submissions, name="submissions"),
    path("submissions/<uuid:pk>/", views.submission, name="submission"),
    path("submissions/<uuid:pk>/read/", views.read, name="read"),
    path("submissions/<uuid:pk>/compare/", changes.compare, name="compare"),
    path("submissions/<uuid:pk>/assign/", decisions.assign, name="assign"),
    path("submissions/<uuid:pk>/finding/", decisions.AcceptFinding.address(), name="accept_finding"),
    path("submissions/<uuid:pk>/changes/", decisions.RequestChanges.address(), name="request_changes"),
    path("submissions/<uuid:pk>/decline/", decisions.DeclineSubmission.address(), name="decline_submission"),
    path("submissions/<uuid:pk>/outside/", outside.InviteOutside.address(), name="invite_outside"),
    path("submissions/<uuid:pk>/outside/<uuid:outside>/link/", outside.NewOutsideLink.address(), name="new_outside_link"),
    path("submissions/<uuid:pk>/outside/<uuid:outside>/end/", outside.EndOutside.address(), name="end_outside"),
    path("submissions/<uuid:pk>/outside/<uuid:outside>/erase/", outside.EraseOutside.address(), name="erase_outside"),
    path("submissions/<uuid:pk>/preview/", outside.MakePreview.address(), name="make_preview"),
    path("submissions/<uuid:pk>/preview/<uuid:link>/close/", outside.RevokePreview.address(), name="revoke_preview"),
    path("submissions/<uuid:pk>/decide/", decisions.Decide.address(), name="decide"),
    path("submissions/<uuid:pk>/minor/", exceptions.PassMinor.address(), name="pass_minor"),
    path("submissions/<uuid:pk>/override/", exceptions.OverridePolicy.address(), name="override_policy"),
    path("submissions/<uuid:pk>/reaffirm/", rereviews.Reaffirm.address(), name="reaffirm"),
    path("submissions/<uuid:pk>/must-go/", rereviews.AdviseRetraction.address(), name="advise_retraction"),
    path("submissions/<uuid:pk>/publish/", decisions.Publish.address(), name="publish"),
    path("submissions/<uuid:pk>/reviews/<uuid:assignment>/cancel/", decisions.CancelAssignment.address(), name="cancel_assignment"),
    path("submissions/<uuid:pk>/reviews/<uuid:assignment>/set-aside/", decisions.SetAside.address(), name="set_aside"),
    path("submissions/<uuid:pk>/reviews/<uuid:assignment>/waive/", decisions.WaiveUnsure.address(), name="waive_unsure"),
    path("submissions/<uuid:pk>/comments/<uuid:comment>/close/", decisions.CloseComment.address(), name="close_comment"),
    path("submissions/<uuid:pk>/comments/<uuid:comment>/reply/", threads.EditorsReply.address(), name="reply_to_comment"),
    path("submissions/<uuid:pk>/comments/<uuid:comment>/reopen/", threads.EditorsReopen.address(), name="reopen_comment"),
    # What is public
    path("publications/", views.publications, name="publications"),
    path("publications/<uuid:pk>/", publications.publication, name="publication"),
    path("publications/<uuid:pk>/withhold/", publications.Withhold.address(), name="withhold"),
    path("publications/<uuid:pk>/restore/", publications.Restore.address(), name="restore"),
    path("publications/<uuid:pk>/retract/", publications.ProposeRetraction.address(), name="propose_retraction"),
    path("publications/<uuid:pk>/confirm/", publications.ConfirmRetraction.address(), name="confirm_retraction"),
    path("publications/<uuid:pk>/cancel/", publications.CancelPublication.address(), name="cancel_publication"),
    path("publications/<uuid:pk>/address/", publications.ChangeAddress.address(), name="change_address"),
    path("publications/<uuid:pk>/re-review/", publications.OpenReReview.address(), name="open_re_review"),
    path("publications/<uuid:pk>/question/", exceptions.QuestionApproval.address(), name="question_approval"),
    path("publications/<uuid:pk>/bring-forward/", rereviews.BringForward.address(), name="bring_forward"),
]
