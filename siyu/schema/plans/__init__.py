"""Planned reads: an operation compiled once a document and set of scopes, then run at the speed of the driver.

What is not planned (mutations, introspection, odd shapes, refusals, people whom the purpose doesn't reach) the engine answers,
from the same sources and with the same answer; a differential test holds the two equal.
"""

from siyu.schema.plans.cost import Costs, too_dear
from siyu.schema.plans.finished import Executor
from siyu.schema.plans.planner import Planned, Planner

__all__ = ["Costs", "Executor", "Planned", "Planner", "too_dear"]
