"""What becomes of it: publications, their addresses, pages and notices."""

from editorial.models.desk import SavedFilter
from editorial.models.evidence import EvidenceCase, EvidenceOutcome
from editorial.models.publication import Address, PageNotice, Publication, PublishedPage
from editorial.models.waiving import WaiverQuestion

__all__ = ["Address", "EvidenceCase", "EvidenceOutcome", "PageNotice", "Publication", "PublishedPage", "SavedFilter", "WaiverQuestion"]
