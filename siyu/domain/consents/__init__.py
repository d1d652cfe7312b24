"""What people said about the purposes that they are seen for."""

from siyu.domain.consents import following as following
from siyu.domain.consents.source import CONSENT_EVENT

__all__ = ["CONSENT_EVENT"]
