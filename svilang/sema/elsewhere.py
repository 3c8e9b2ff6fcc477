"""What people who come from other languages write, and what it is called here."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import did_you_mean

KINDS = {
    **dict.fromkeys(["vector", "row_vector"], "a vector is a kind with a dimension: `real[d]`"),
    "matrix": "a matrix is a kind with two dimensions: `real[a, b]`",
    "array": "an array is a kind with its dimensions: `real[a, b]`",
    **dict.fromkeys(["int", "long"], "whole numbers are `integer`, counts from 0 are `count`"),
    "natural": "counts from 0 are `count`",
    **dict.fromkeys(["float", "double", "numeric", "number"], "numbers are `real`"),
    **dict.fromkeys(["bool", "boolean", "logical"], "0 or 1 is `binary`"),
    "probability": "numbers from 0 to 1 are `unit`",
    **dict.fromkeys(
        ["string", "str", "category", "categorical"],
        "a column of labels has its own dimension as its kind: `county: county[obs]`",
    ),
    **dict.fromkeys(["cov_matrix", "covariance", "covariance_matrix"], "a covariance matrix is `cov[d]`"),
    **dict.fromkeys(["corr_matrix", "correlation", "correlation_matrix"], "a correlation matrix is `corr[d]`"),
    "cholesky_factor_cov": "a Cholesky factor is `cholesky[d]`",
    "cholesky_factor_corr": "the Cholesky factor of a correlation matrix is `corr_cholesky[d]`",
    "sum_to_zero_vector": "numbers that sum to 0 are `zero_sum[d]`",
}

DISTRIBUTIONS = {
    **dict.fromkeys(["gaussian", "norm", "n"], "`Normal(loc, scale)`"),
    "stdnormal": "`Normal(0, 1)`",
    **dict.fromkeys(["doubleexponential", "dexp"], "`Laplace(loc, scale)`"),
    **dict.fromkeys(["invgamma", "igamma"], "`InverseGamma(concentration, rate)`"),
    "negbinomial2": "`NegativeBinomial2(mean, concentration)`",
    "negbinomial2log": "`NegativeBinomial2(exp(…), concentration)`",
    **dict.fromkeys(["negbinomial", "nbinom"], "`NegativeBinomial(total_count, probs)`"),
    **dict.fromkeys(["lkjcorrcholesky", "lkjcholeskycov"], "`LKJCholesky(d, concentration)`"),
    "lkjcorr": "`LKJ(d, concentration)`",
    **dict.fromkeys(["multinormal", "mvnormal"], "`MultivariateNormal(loc, covariance_matrix=…)`"),
    "multinormalcholesky": "`MultivariateNormal(loc, scale_tril=…)`",
    "multinormalprec": "`MultivariateNormal(loc, precision_matrix=…)`",
    **dict.fromkeys(
        ["bernoullilogit", "bernoullilogits", "bernoulliprobs", "bern"], "`Bernoulli(logits=…)` or `Bernoulli(probs)`"
    ),
    "categoricalprobs": "`Categorical(probs)`",
    "binomiallogits": "`Binomial(total_count, logits=…)`",
    "binomialprobs": "`Binomial(total_count, probs)`",
    "categoricallogits": "`Categorical(logits=…)`",
    "multinomiallogits": "`Multinomial(total_count, logits=…)`",
    "binomiallogit": "`Binomial(total_count, logits=…)`",
    "poissonlog": "`Poisson(log_rate=…)`",
    "categoricallogit": "`Categorical(logits=…)`",
    "chisquare": "`Chi2(df)`",
    "t": "`StudentT(df, loc, scale)`",
    **dict.fromkeys(["wald", "invgauss", "invgaussian"], "`InverseGaussian(loc, concentration)`"),
    **dict.fromkeys(["expmodnormal", "exponentiallymodifiedgaussian"], "`ExGaussian(loc, scale, rate)`"),
    **dict.fromkeys(["skewdoubleexponential", "alaplace"], "`AsymmetricLaplace(loc, scale, asymmetry)`"),
    "asymmetriclaplacequantile": "`AsymmetricLaplace(loc, scale, quantile=…)`",
    "invchisquare": "`InverseGamma(df / 2, 0.5)`",
    **dict.fromkeys(["scaledinvchisquare", "scaleinvchi2"], "`ScaledInverseChi2(df, scale)`"),
    "paretotype2": "`GeneralizedPareto(loc, scale, concentration)`",
    "lomax": "`GeneralizedPareto(0, scale, concentration)`",
    **dict.fromkeys(["gev", "genextreme"], "`GeneralizedExtremeValue(loc, scale, concentration)`"),
    **dict.fromkeys(["gpd", "genpareto"], "`GeneralizedPareto(loc, scale, concentration)`"),
    **dict.fromkeys(["fisk", "burr"], "`LogLogistic(scale, concentration)`, or with one shape more `Dagum`"),
    **dict.fromkeys(["f", "fdist"], "`FisherSnedecor(df1, df2)`"),
    "betanegbinomial": "`BetaNegativeBinomial(concentration1, concentration0, n)`",
    "invweibull": "`Frechet(scale, concentration)`",
    **dict.fromkeys(["hypsecant", "hyperbolicsecant"], "`SoftLaplace(loc, scale)`"),
    **dict.fromkeys(["truncatednormal", "truncnorm"], "`Truncated(Normal(loc, scale), lower, upper)`"),
    "truncatedcauchy": "`Truncated(Cauchy(loc, scale), lower, upper)`",
    **dict.fromkeys(["bernoulliprobs", "bernoullilogits"], "`Bernoulli(probs)` or `Bernoulli(logits=…)`"),
    **dict.fromkeys(["categoricalprobs", "categoricallogits"], "`Categorical(probs)` or `Categorical(logits=…)`"),
    **dict.fromkeys(["binomialprobs", "binomiallogits"], "`Binomial(total_count, probs)` or `… logits=…`"),
    **dict.fromkeys(["mixturesamefamily", "mixturegeneral", "normalmixture"], "`Mixture(weights, D)`"),
    **dict.fromkeys(["noncentered", "centered"], "`noncentered x` in the guide, beside the family of `x`"),
    "gaussiancopulabeta": "`GaussianCopula(Beta(…), correlation_matrix=…)`",
    **dict.fromkeys(["zerooneinflatedbeta", "zoib"], "`ZeroOneInflated(Beta(…), gate, one)`"),
    "genlogistic": "`SkewLogistic(loc, scale, asymmetry)`",
    "mvgaussianrandomwalk": "`GaussianStateSpace(d, eye(k), scale_tril)`",
    "kroneckernormal": "`MatrixNormal(loc, scale_tril_row, scale_tril_column)`",
    "lkjcov": "`LKJCholesky(k, concentration)`, scaled by `diag(s) @ L`,",
    **dict.fromkeys(["flat", "halfflat"], "`Improper(real)` or `Improper(positive)`"),
    **dict.fromkeys(
        ["gp", "multigp", "gplatent", "gpmarginal"],
        "`GaussianProcess(loc, kernel, noise)`, with a kernel such as `rbf(x, lengthscale, scale)`,",
    ),
}
"""By name in lower case, without underscores."""

FUNCTIONS = {
    **dict.fromkeys(["pow", "power"], "a power is written `a ^ b`"),
    "ln": "the natural logarithm is `log(x)`",
    **dict.fromkeys(
        ["phi", "Phi_approx", "phi_approx", "normal_cdf", "std_normal_cdf", "invprobit", "pnorm"],
        "the normal distribution function is `ndtr(x)`",
    ),
    **dict.fromkeys(
        ["qnorm", "probit", "normal_quantile", "normal_icdf", "norm_ppf"],
        "the normal quantile function is `ndtri(p)`",
    ),
    **dict.fromkeys(["identity", "identity_matrix"], "the identity matrix is `eye(d)`"),
    "fabs": "the absolute value is `abs(x)`",
    **dict.fromkeys(["rep_vector", "rep_array", "rep_matrix", "repeat"], "a constant vector is `full(d, value)`"),
    **dict.fromkeys(["matmul", "dot_product"], "a matrix product is written `a @ b`"),
    **dict.fromkeys(["rows_dot_product", "columns_dot_product"], "write `sum(a * b, over=d)`"),
    **dict.fromkeys(["dot_self", "rows_dot_self", "columns_dot_self"], "write `sum(x^2, over=d)`"),
    **dict.fromkeys(["distance", "squared_distance"], "a distance is `norm(x - y, over=d)`"),
    "diag_pre_multiply": "write `diag(s) @ L`",
    "diag_post_multiply": "write `a @ diag(s)`",
    **dict.fromkeys(["quad_form_diag", "cor2cov"], "write `diag(s) @ R @ diag(s)`"),
    "multiply_lower_tri_self_transpose": "write `tcrossprod(L)`",
    **dict.fromkeys(["diag_matrix", "diag_embed"], "the matrix with a diagonal is `diag(x)`"),
    "add_diag": "write `a + diag(x)`, or `a + jitter * eye(d)`",
    "log_determinant": "write `logdet(a)`",
    "log1m": "write `log1p(-x)`",
    "log_inv_logit": "write `log_sigmoid(x)`",
    "log1m_inv_logit": "write `log_sigmoid(-x)`",
    "log_diff_exp": "write `a + log1mexp(b - a)`",
    "inv_sqrt": "write `1 / sqrt(x)`",
    "cumulative_sum": "write `cumsum(x, over=d)`",
    "std_normal_lcdf": "write `log_ndtr(x)`",
    **dict.fromkeys(["binomial_coefficient_log", "choose"], "the logarithm of n over k is `log_choose(n, k)`"),
    **dict.fromkeys(
        ["concatenate", "concat", "append_row", "append_col", "append_array", "cat", "c", "stack"],
        "a list is written `[a, b, …] over d`, and an effect against a first level `b * (position(level) > 0)`",
    ),
    **dict.fromkeys(
        ["reshape", "flatten", "to_vector", "to_row_vector", "to_matrix", "squeeze", "expand_dims", "broadcast_to"],
        "values meet by the names of their dimensions, so that nothing is put into shape",
    ),
    "mdivide_left_tri_low": "write `solve_triangular(factor, b)`",
    "log_sum_exp": "write `logsumexp(x, over=d)` or `logaddexp(a, b)`",
    "log_mix": "write `observe y ~ Mixture(weights, D)`",
    **dict.fromkeys(["len", "length", "shape", "nrow", "ncol", "rows", "cols"], "the number of members is `size(d)`"),
    **dict.fromkeys(["range", "arange", "linspace", "seq"], "the positions 0, 1, 2, … are `position(d)`"),
    **dict.fromkeys(["ifelse", "select", "where", "switch"], "a choice is written `a if condition else b`"),
    **dict.fromkeys(["zeros_like", "ones_like"], "write `zeros(d)` or `ones(d)`"),
    **dict.fromkeys(
        ["gp_exp_quad_cov", "cov_exp_quad", "exp_quad", "ExpQuad", "squared_exponential", "RBF", "kernel"],
        "the squared exponential kernel is `rbf(x, lengthscale, scale)`",
    ),
    **dict.fromkeys(
        ["isnan", "is_nan", "is_na", "ismissing", "isna"],
        "data with missing entries have a `?` after their kind, as in `y: real?[obs]`, and an observation drops them",
    ),
    "sample": "a latent variable is drawn by `x ~ D(…)`, and data are observed by `observe y ~ D(…)`",
    **dict.fromkeys(["deterministic", "Deterministic"], "a value that the results hold is written `report x = …`"),
}

ARGUMENTS = {
    **dict.fromkeys(["mu", "mean", "location", "m"], ("loc", "mean", "rate")),
    **dict.fromkeys(["sigma", "sd", "std", "stddev", "stdev", "sds", "s"], ("scale", "sd")),
    **dict.fromkeys(["shape", "alpha", "a", "k"], ("concentration1", "concentration", "rank")),
    **dict.fromkeys(["beta", "b"], ("rate", "concentration0")),
    **dict.fromkeys(["lam", "lamb", "lambda_", "intensity"], ("rate",)),
    **dict.fromkeys(["p", "prob", "theta", "probability"], ("probs",)),
    **dict.fromkeys(["logit", "logit_p", "eta"], ("logits", "concentration")),
    **dict.fromkeys(["nu", "dof"], ("df",)),
    **dict.fromkeys(["n", "N", "trials", "size"], ("total_count",)),
    **dict.fromkeys(["cov", "Sigma", "covariance"], ("covariance_matrix",)),
    **dict.fromkeys(["chol", "L", "cholesky"], ("scale_tril",)),
    **dict.fromkeys(["lower", "minimum", "min", "low", "left"], ("low", "lower")),
    **dict.fromkeys(["upper", "maximum", "max", "high", "right"], ("high", "upper")),
    **dict.fromkeys(["axis", "dim", "along"], ("over",)),
    **dict.fromkeys(["psi", "pi", "zi"], ("gate",)),
    "r": ("rank",),
}
"""By the name elsewhere: the names here, of which the first that the distribution has is meant."""

FAMILIES = {
    **dict.fromkeys(["AutoNormal", "AutoDiagonalNormal", "advi", "ADVI", "meanfield"], "mean_field"),
    **dict.fromkeys(["AutoMultivariateNormal", "FullRankADVI", "fullrank"], "full_rank"),
    "AutoLowRankMultivariateNormal": "low_rank(rank)",
    **dict.fromkeys(["AutoDelta", "MAP", "map", "map_estimate", "optimize"], "delta"),
    "AutoLaplaceApproximation": "laplace",
}

SETTINGS = {
    **dict.fromkeys(
        ["iterations", "iter", "num_steps", "n_steps", "epochs", "num_iterations"], "write `steps = 10_000`"
    ),
    **dict.fromkeys(
        ["learning_rate", "lr", "step_size"], "it is an argument of the optimiser: `optimizer = adam(0.01)`"
    ),
    **dict.fromkeys(["num_particles", "mc_samples", "grad_samples"], "write `particles = 4`"),
    **dict.fromkeys(
        ["samples", "num_samples"], "draws in a step are `particles = 4`; those of the posterior are taken from the fit"
    ),
    **dict.fromkeys(["loss", "elbo"], "write `objective = elbo`"),
    **dict.fromkeys(["batch_size", "batch", "batchsize"], "write `minibatch[obs] = 256`"),
    **dict.fromkeys(
        ["inits", "initial", "initial_values", "initvals", "initval", "init_values", "start"],
        "write `init[mu] = 700` for the latent variable `mu`",
    ),
    **dict.fromkeys(["tol", "tolerance", "tol_rel_obj", "patience"], "write `stop = plateau(…)`"),
    **dict.fromkeys(
        ["chains", "warmup", "burnin", "tune", "thin", "cores", "draws"],
        "the posterior is fitted by optimisation, in `steps`; draws are taken from the fit",
    ),
    "dtype": "write `precision = float64`",
    "rng": "write `seed = 1`",
}


def distribution(name: str, known: Iterable[str]) -> str | None:
    """A help line for an unknown distribution: the same word in other letters, its name here, or the nearest."""
    plain = name.replace("_", "").lower()
    same = next((row for row in known if row.lower() == plain), None)
    if same is not None:
        return f"did you mean `{same}`?"
    other = DISTRIBUTIONS.get(plain)
    return did_you_mean(name, known) if other is None else f"it is called {other} here"


def function(name: str, known: Iterable[str]) -> str | None:
    """A help line for an unknown function."""
    if name.rpartition("_")[2] in ("lpdf", "lpmf", "lupdf", "lupmf", "logpdf", "logpmf"):
        return "a distribution stands after `~`; elsewhere its log density at `x` is `log_prob(D(…), x)`"
    return FUNCTIONS.get(name) or did_you_mean(name, known)


SCALES = {
    **dict.fromkeys(["precision", "prec", "tau"], "`scale=1 / sqrt(…)`"),
    **dict.fromkeys(["variance", "var", "sigma2", "sigma_sq", "sigma_squared"], "`scale=sqrt(…)`"),
}
"""Arguments that are powers of a standard deviation."""


def argument(name: str, known: Iterable[str]) -> str | None:
    """A help line for an unknown argument."""
    names = list(known)
    if name in SCALES and "scale" in names:
        return f"`scale` is a standard deviation: write {SCALES[name]}"
    meant = next((here for here in ARGUMENTS.get(name, ()) if here in names), None)
    return did_you_mean(name, names) if meant is None else f"did you mean `{meant}`?"
