"""Persian news timestamps: a printed line as an instant, or a refusal with its reason."""

from __future__ import annotations

from farscrawler.timestamps.reader import MAX_LENGTH, read
from farscrawler.timestamps.result import Precision, Refusal, RefusalReason, Timestamp
from farscrawler.timestamps.shape import looks_like

__all__ = ["MAX_LENGTH", "Precision", "Refusal", "RefusalReason", "Timestamp", "looks_like", "read"]
