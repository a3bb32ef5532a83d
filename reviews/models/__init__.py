"""What the board makes of it."""

from reviews.models.assignment import Interest, ReferenceAnswer, ReviewAssignment
from reviews.models.board import BoardMember, Specialty
from reviews.models.comment import Comment, Reply
from reviews.models.exception import KnownConflict, PolicyOverride
from reviews.models.outside import OutsideInterest, OutsideReview, OutsideReviewer
from reviews.models.policy import AfterGrace, ReviewPolicy
from reviews.models.signature import FAVOURABLE, Meaning, Recommendation, Signature
from reviews.models.submission import Submission

__all__ = [
    "FAVOURABLE",
    "AfterGrace",
    "BoardMember",
    "Comment",
    "Interest",
    "KnownConflict",
    "Meaning",
    "OutsideInterest",
    "OutsideReview",
    "OutsideReviewer",
    "PolicyOverride",
    "Recommendation",
    "ReferenceAnswer",
    "Reply",
    "ReviewAssignment",
    "ReviewPolicy",
    "Signature",
    "Specialty",
    "Submission",
]
