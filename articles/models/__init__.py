"""What is written, and on what evidence."""

from articles.models.article import Article, ArticleText, ArticleType, Audience, Authorship, Topic
from articles.models.evidence import CheckWaiver, EvidenceEvent
from articles.models.reference import Citation, Reference
from articles.models.version import ArticleVersion, VersionCitation, VersionHand, VersionReference, VersionText

__all__ = [
    "Article",
    "ArticleText",
    "ArticleType",
    "ArticleVersion",
    "Audience",
    "Authorship",
    "CheckWaiver",
    "Citation",
    "EvidenceEvent",
    "Reference",
    "Topic",
    "VersionCitation",
    "VersionHand",
    "VersionReference",
    "VersionText",
]
