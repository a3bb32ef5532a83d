"""What becomes of it: publications, their addresses, pages and notices, what is looked through in a search, and what readers ask."""

from editorial.models.cache import CacheDrop
from editorial.models.desk import SavedFilter
from editorial.models.evidence import EvidenceCase, EvidenceOutcome
from editorial.models.publication import Address, PageNotice, Publication, PublishedPage
from editorial.models.question import FormUse, ReaderQuestion
from editorial.models.search import SearchEntry, SearchSpelling
from editorial.models.shelf import TopicEntry
from editorial.models.waiving import WaiverQuestion

__all__ = [
    "Address", "CacheDrop", "EvidenceCase", "EvidenceOutcome", "FormUse", "PageNotice", "Publication", "PublishedPage", "ReaderQuestion", "SavedFilter",
    "SearchEntry", "SearchSpelling", "TopicEntry", "WaiverQuestion",
]  # fmt: skip
