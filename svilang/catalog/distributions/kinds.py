"""Short names for the kinds and parameters that many rows share."""

from __future__ import annotations

from ...types import KINDS, Interval, Kind
from ..distribution import Param

REAL = KINDS["real"].kind
POSITIVE = KINDS["positive"].kind
NONNEGATIVE = KINDS["nonnegative"].kind
UNIT = KINDS["unit"].kind
OPEN_UNIT = Kind(interval=Interval(0, 1, lower_open=True, upper_open=True))
CIRCULAR = KINDS["circular"].kind
INTEGER = KINDS["integer"].kind
COUNT = KINDS["count"].kind
BINARY = KINDS["binary"].kind
SIMPLEX = KINDS["simplex"].kind
UNIT_VECTOR = KINDS["unit_vector"].kind
ORDERED = KINDS["ordered"].kind
CHOLESKY = KINDS["cholesky"].kind
CORR_CHOLESKY = KINDS["corr_cholesky"].kind
COV = KINDS["cov"].kind
CORR = KINDS["corr"].kind

LOC = Param("loc", REAL, "the centre", default=0.0)
SCALE = Param("scale", POSITIVE, "the spread, in units of the variate", default=1.0)
RATE = Param("rate", POSITIVE, "events per unit of the variate", default=1.0)
CONCENTRATION = Param("concentration", POSITIVE, "the shape")
CONCENTRATION1 = Param("concentration1", POSITIVE, "weight towards 1, as of prior successes")
CONCENTRATION0 = Param("concentration0", POSITIVE, "weight towards 0, as of prior failures")
PROBS = Param("probs", UNIT, "the probability of a success")
LOGITS = Param("logits", REAL, "the log odds of a success")
TOTAL_COUNT = Param("total_count", COUNT, "the number of trials", default=1.0)
