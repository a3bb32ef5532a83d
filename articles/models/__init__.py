"""What is written, and on what evidence."""

from articles.models.article import Article, ArticleText, ArticleType, Audience, Authorship, Topic
from articles.models.evidence import CheckSeverity, CheckWaiver, DraftWaiver, EvidenceEvent, ListedEvent, ListImport, LookUp
from articles.models.reference import Citation, LikelyDuplicate, Reference
from articles.models.version import ArticleVersion, VersionCitation, VersionHand, VersionReference, VersionText

__all__ = [
    "Article",
    "ArticleText",
    "ArticleType",
    "ArticleVersion",
    "Audience",
    "Authorship",
    "CheckSeverity",
    "CheckWaiver",
    "Citation",
    "DraftWaiver",
    "EvidenceEvent",
    "LikelyDuplicate",
    "ListImport",
    "ListedEvent",
    "LookUp",
    "Reference",
    "Topic",
    "VersionCitation",
    "VersionHand",
    "VersionReference",
    "VersionText",
]
