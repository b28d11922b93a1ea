"""A compliance report for those who were not there: as a page, as rows, as one JSON object."""

from app.export.compliance.page import page
from app.export.compliance.plain import document, rows

__all__ = ["document", "page", "rows"]
