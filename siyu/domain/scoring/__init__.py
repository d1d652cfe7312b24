"""Scores of recency, frequency and money."""

from siyu.domain.scoring import following as following
from siyu.domain.scoring.commands import JOB, Updated, refresh, score, settle, update
from siyu.domain.scoring.inputs import RfmGroupGiven, RfmModelUpdate
from siyu.domain.scoring.rules import OTHER, Group, Model, Span
from siyu.domain.scoring.source import RFM_CHANGE, RFM_SCORE
from siyu.domain.scoring.standing import Standing, due, model, standing

__all__ = [
    "JOB", "OTHER", "RFM_CHANGE", "RFM_SCORE", "Group", "Model", "RfmGroupGiven", "RfmModelUpdate", "Span", "Standing", "Updated", "due",
    "model", "refresh", "score", "settle", "standing", "update",
]  # fmt: skip
