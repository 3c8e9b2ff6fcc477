"""The table of distributions, and that of the combinators that make new ones from them.

In: nothing. Out: rows by the name that the language uses, in the order of the reference pages.
"""

from __future__ import annotations

from ..distribution import Combinator, Distribution
from .bernoulli import BERNOULLI
from .beta import BETA, BETA_PROPORTION
from .binomial import BETA_BINOMIAL, BINOMIAL
from .categorical import CATEGORICAL
from .cauchy import CAUCHY, HALF_CAUCHY
from .censored import CENSORED
from .delta import DELTA, IMPROPER
from .dirichlet import DIRICHLET
from .exponential import EXPONENTIAL
from .gamma import CHI2, GAMMA, INVERSE_GAMMA
from .geometric import GEOMETRIC
from .gumbel import GUMBEL
from .kumaraswamy import KUMARASWAMY
from .laplace import LAPLACE
from .lkj import LKJ, LKJ_CHOLESKY
from .logistic import LOGISTIC
from .mixture import MIXTURE
from .multinomial import DIRICHLET_MULTINOMIAL, MULTINOMIAL
from .multivariate_normal import MULTIVARIATE_NORMAL
from .negative_binomial import GAMMA_POISSON, NEGATIVE_BINOMIAL, NEGATIVE_BINOMIAL_2
from .normal import HALF_NORMAL, LOG_NORMAL, NORMAL
from .ordered_logistic import ORDERED_LOGISTIC
from .pareto import PARETO
from .poisson import POISSON, ZERO_INFLATED_POISSON
from .student import HALF_STUDENT_T, STUDENT_T
from .then import THEN
from .truncated import TRUNCATED
from .uniform import DISCRETE_UNIFORM, UNIFORM
from .von_mises import VON_MISES
from .weibull import WEIBULL
from .zero_inflated import ZERO_INFLATED

_REAL_LINE = (NORMAL, STUDENT_T, CAUCHY, LAPLACE, LOGISTIC, GUMBEL)
_POSITIVE = (
    *(HALF_NORMAL, HALF_STUDENT_T, HALF_CAUCHY, EXPONENTIAL, GAMMA, INVERSE_GAMMA),
    *(LOG_NORMAL, WEIBULL, CHI2, PARETO),
)
_BOUNDED = (UNIFORM, BETA, BETA_PROPORTION, KUMARASWAMY, VON_MISES)
_COUNTS = (
    *(BERNOULLI, BINOMIAL, BETA_BINOMIAL, POISSON, ZERO_INFLATED_POISSON, NEGATIVE_BINOMIAL, NEGATIVE_BINOMIAL_2),
    *(GAMMA_POISSON, GEOMETRIC, DISCRETE_UNIFORM),
)
_CATEGORIES = (CATEGORICAL, ORDERED_LOGISTIC, MULTINOMIAL, DIRICHLET_MULTINOMIAL)
_VECTORS = (DIRICHLET, MULTIVARIATE_NORMAL, LKJ_CHOLESKY, LKJ)
_LIMITS = (DELTA, IMPROPER)

DISTRIBUTIONS: dict[str, Distribution] = {
    row.name: row for row in (*_REAL_LINE, *_POSITIVE, *_BOUNDED, *_COUNTS, *_CATEGORIES, *_VECTORS, *_LIMITS)
}
"""Every distribution by name: on the line, positive, bounded, counts, categories, vectors and matrices, limits."""

COMBINATORS: dict[str, Combinator] = {row.name: row for row in (TRUNCATED, CENSORED, ZERO_INFLATED, MIXTURE, THEN)}
"""Every combinator by name."""
