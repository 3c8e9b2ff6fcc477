"""The table of distributions, and that of the combinators that make new ones from them.

In: nothing. Out: rows by the name that the language uses, in the order of the reference pages.
"""

from __future__ import annotations

from ..distribution import Combinator, Distribution
from .areal import CAR, GAUSSIAN_RANDOM_WALK, ICAR, ZERO_SUM_NORMAL
from .asymmetric_laplace import ASYMMETRIC_LAPLACE
from .bernoulli import BERNOULLI
from .beta import BETA, BETA_PROPORTION
from .beta_negative_binomial import BETA_NEGATIVE_BINOMIAL
from .binomial import BETA_BINOMIAL, BINOMIAL
from .categorical import CATEGORICAL
from .cauchy import CAUCHY, HALF_CAUCHY
from .censored import CENSORED, INTERVAL_CENSORED
from .continuous_bernoulli import CONTINUOUS_BERNOULLI, RELAXED_BERNOULLI
from .delta import DELTA, IMPROPER
from .dirichlet import DIRICHLET
from .discrete_weibull import DISCRETE_WEIBULL
from .exponential import EXPONENTIAL
from .extremes import FRECHET, GENERALIZED_EXTREME_VALUE, GENERALIZED_PARETO
from .fisher import FISHER_SNEDECOR
from .folded import FOLDED
from .gamma import CHI2, GAMMA, INVERSE_GAMMA, SCALED_INVERSE_CHI2
from .geometric import GEOMETRIC
from .gompertz import GOMPERTZ
from .gumbel import GUMBEL
from .hypergeometric import HYPERGEOMETRIC
from .inverse_gaussian import INVERSE_GAUSSIAN
from .kumaraswamy import KUMARASWAMY
from .laplace import LAPLACE
from .levy import LEVY
from .lkj import LKJ, LKJ_CHOLESKY
from .log_logistic import DAGUM, LOG_LOGISTIC
from .logistic import LOGISTIC
from .logit_normal import LOGIT_NORMAL
from .matrix_normal import MATRIX_NORMAL
from .mixture import MIXTURE
from .multinomial import DIRICHLET_MULTINOMIAL, MULTINOMIAL
from .multivariate_normal import MULTIVARIATE_NORMAL
from .negative_binomial import GAMMA_POISSON, NEGATIVE_BINOMIAL, NEGATIVE_BINOMIAL_2
from .normal import HALF_NORMAL, LOG_NORMAL, NORMAL
from .ordered_logistic import ORDERED_LOGISTIC
from .ordered_probit import ORDERED_PROBIT
from .ordinal import ORDINAL
from .pareto import PARETO
from .poisson import POISSON, ZERO_INFLATED_POISSON
from .power_law import DOUBLY_TRUNCATED_POWER_LAW, LOG_UNIFORM, LOWER_TRUNCATED_POWER_LAW
from .rice import RAYLEIGH, RICE
from .skellam import SKELLAM
from .skew import EX_GAUSSIAN, SKEW_NORMAL
from .soft_laplace import MOYAL, SOFT_LAPLACE
from .student import HALF_STUDENT_T, STUDENT_T
from .then import THEN
from .transformed import TRANSFORMED
from .triangular import PERT, TRIANGULAR
from .truncated import TRUNCATED
from .uniform import DISCRETE_UNIFORM, UNIFORM
from .vectors import LOW_RANK_MULTIVARIATE_NORMAL, MULTIVARIATE_STUDENT_T
from .von_mises import VON_MISES
from .weibull import WEIBULL
from .wishart import INVERSE_WISHART, INVERSE_WISHART_CHOLESKY, WISHART, WISHART_CHOLESKY
from .zero_inflated import HURDLE, ZERO_INFLATED

_REAL_LINE = (
    *(NORMAL, STUDENT_T, CAUCHY, LAPLACE, LOGISTIC, GUMBEL),
    *(SKEW_NORMAL, EX_GAUSSIAN, ASYMMETRIC_LAPLACE, SOFT_LAPLACE, MOYAL, GENERALIZED_EXTREME_VALUE),
)
_POSITIVE = (
    *(HALF_NORMAL, HALF_STUDENT_T, HALF_CAUCHY, EXPONENTIAL, GAMMA, INVERSE_GAMMA),
    *(LOG_NORMAL, WEIBULL, CHI2, SCALED_INVERSE_CHI2, FISHER_SNEDECOR, INVERSE_GAUSSIAN, RAYLEIGH, RICE),
    *(LOG_LOGISTIC, DAGUM, GOMPERTZ, FRECHET, LEVY, PARETO, LOWER_TRUNCATED_POWER_LAW, GENERALIZED_PARETO),
)
_BOUNDED = (
    *(UNIFORM, TRIANGULAR, PERT, LOG_UNIFORM, DOUBLY_TRUNCATED_POWER_LAW),
    *(BETA, BETA_PROPORTION, KUMARASWAMY, LOGIT_NORMAL, CONTINUOUS_BERNOULLI, RELAXED_BERNOULLI, VON_MISES),
)
_COUNTS = (
    *(BERNOULLI, BINOMIAL, BETA_BINOMIAL, POISSON, ZERO_INFLATED_POISSON, NEGATIVE_BINOMIAL, NEGATIVE_BINOMIAL_2),
    *(GAMMA_POISSON, BETA_NEGATIVE_BINOMIAL, GEOMETRIC, DISCRETE_WEIBULL, SKELLAM, HYPERGEOMETRIC, DISCRETE_UNIFORM),
)
_CATEGORIES = (CATEGORICAL, ORDERED_LOGISTIC, ORDERED_PROBIT, MULTINOMIAL, DIRICHLET_MULTINOMIAL)
_VECTORS = (
    *(DIRICHLET, MULTIVARIATE_NORMAL, LOW_RANK_MULTIVARIATE_NORMAL, MULTIVARIATE_STUDENT_T, ZERO_SUM_NORMAL),
    *(GAUSSIAN_RANDOM_WALK, CAR, ICAR, MATRIX_NORMAL, LKJ_CHOLESKY, LKJ),
    *(WISHART, WISHART_CHOLESKY, INVERSE_WISHART, INVERSE_WISHART_CHOLESKY),
)
_LIMITS = (DELTA, IMPROPER)

DISTRIBUTIONS: dict[str, Distribution] = {
    row.name: row for row in (*_REAL_LINE, *_POSITIVE, *_BOUNDED, *_COUNTS, *_CATEGORIES, *_VECTORS, *_LIMITS)
}
"""Every distribution by name: on the line, positive, bounded, counts, categories, vectors and matrices, limits."""

COMBINATORS: dict[str, Combinator] = {
    row.name: row
    for row in (
        *(TRUNCATED, CENSORED, INTERVAL_CENSORED, ZERO_INFLATED, HURDLE, FOLDED, TRANSFORMED, ORDINAL),
        *(MIXTURE, THEN),
    )
}
"""Every combinator by name."""
