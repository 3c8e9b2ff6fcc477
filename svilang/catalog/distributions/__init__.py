"""The table of distributions, and that of the combinators that make new ones from them.

In: nothing. Out: rows by the name that the language uses, in the order of the reference pages. A line here names the
module that holds a row; it is read when the row is first asked for.
"""

from __future__ import annotations

from ..distribution import Combinator, Distribution
from ..table import Table

_REAL_LINE = {
    "Normal": "normal",
    "StudentT": "student",
    "Cauchy": "cauchy",
    "Laplace": "laplace",
    "Logistic": "logistic",
    "SkewLogistic": "skew_logistic",
    "Gumbel": "gumbel",
    "SkewNormal": "skew",
    "ExGaussian": "skew",
    "SkewStudentT": "skew_student",
    "AsymmetricLaplace": "asymmetric_laplace",
    "SoftLaplace": "soft_laplace",
    "Moyal": "soft_laplace",
    "GeneralizedExtremeValue": "extremes",
    "Wiener": "wiener",
}
_POSITIVE = {
    "HalfNormal": "normal",
    "HalfStudentT": "student",
    "HalfCauchy": "cauchy",
    "Exponential": "exponential",
    "Gamma": "gamma",
    "InverseGamma": "gamma",
    "LogNormal": "normal",
    "Weibull": "weibull",
    "Chi2": "gamma",
    "ScaledInverseChi2": "gamma",
    "FisherSnedecor": "fisher",
    "InverseGaussian": "inverse_gaussian",
    "Rayleigh": "rice",
    "Rice": "rice",
    "LogLogistic": "log_logistic",
    "Dagum": "log_logistic",
    "Gompertz": "gompertz",
    "Frechet": "extremes",
    "Levy": "levy",
    "Pareto": "pareto",
    "LowerTruncatedPowerLaw": "power_law",
    "GeneralizedPareto": "extremes",
}
_BOUNDED = {
    "Uniform": "uniform",
    "Triangular": "triangular",
    "PERT": "triangular",
    "LogUniform": "power_law",
    "DoublyTruncatedPowerLaw": "power_law",
    "Beta": "beta",
    "BetaProportion": "beta",
    "Kumaraswamy": "kumaraswamy",
    "LogitNormal": "logit_normal",
    "ContinuousBernoulli": "continuous_bernoulli",
    "RelaxedBernoulli": "continuous_bernoulli",
    "VonMises": "von_mises",
}
_COUNTS = {
    "Bernoulli": "bernoulli",
    "Binomial": "binomial",
    "BetaBinomial": "binomial",
    "PoissonBinomial": "poisson_binomial",
    "Poisson": "poisson",
    "ZeroInflatedPoisson": "poisson",
    "NegativeBinomial": "negative_binomial",
    "NegativeBinomial2": "negative_binomial",
    "GammaPoisson": "negative_binomial",
    "BetaNegativeBinomial": "beta_negative_binomial",
    "YuleSimon": "yule_simon",
    "Geometric": "geometric",
    "DiscreteWeibull": "discrete_weibull",
    "Skellam": "skellam",
    "Hypergeometric": "hypergeometric",
    "DiscreteUniform": "uniform",
}
_CATEGORIES = {
    "Categorical": "categorical",
    "OrderedLogistic": "ordered_logistic",
    "OrderedProbit": "ordered_probit",
    "Multinomial": "multinomial",
    "DirichletMultinomial": "multinomial",
}
_VECTORS = {
    "Dirichlet": "dirichlet",
    "MultivariateNormal": "multivariate_normal",
    "LowRankMultivariateNormal": "vectors",
    "MultivariateStudentT": "vectors",
    "ZeroSumNormal": "areal",
    "GaussianRandomWalk": "areal",
    "GaussianStateSpace": "state_space",
    "AR": "autoregressive",
    "GaussianProcess": "gaussian_process",
    "CirculantNormal": "circulant_normal",
    "CAR": "areal",
    "ICAR": "areal",
    "MatrixNormal": "matrix_normal",
    "LKJCholesky": "lkj",
    "LKJ": "lkj",
    "Wishart": "wishart",
    "WishartCholesky": "wishart",
    "InverseWishart": "wishart",
    "InverseWishartCholesky": "wishart",
    "VonMisesFisher": "von_mises_fisher",
    "SineBivariateVonMises": "sine_von_mises",
    "ProjectedNormal": "projected_normal",
}
_LIMITS = {
    "Delta": "delta",
    "Improper": "delta",
}

DISTRIBUTIONS = Table(
    __name__, Distribution, _REAL_LINE | _POSITIVE | _BOUNDED | _COUNTS | _CATEGORIES | _VECTORS | _LIMITS
)
"""Every distribution by name: on the line, positive, bounded, counts, categories, vectors and matrices, limits."""

COMBINATORS = Table(
    __name__,
    Combinator,
    {
        "Truncated": "truncated",
        "Censored": "censored",
        "IntervalCensored": "censored",
        "ZeroInflated": "zero_inflated",
        "Hurdle": "zero_inflated",
        "ZeroOneInflated": "zero_one_inflated",
        "Folded": "folded",
        "Shifted": "shifted",
        "Transformed": "transformed",
        "Ordinal": "ordinal",
        "SineSkewed": "sine_skewed",
        "GaussianCopula": "gaussian_copula",
        "Mixture": "mixture",
        "then": "then",
    },
)
"""Every combinator by name."""
