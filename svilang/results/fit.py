"""The outcome of a fit."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from ..diagnostics import Diagnostic
from ..lazy import np
from ..runtime import checks
from ..runtime.signal import Signal
from ..runtime.stand import Stand
from ..sema import requests
from ..sema.settings import whole_numbers
from .covariance import Covariance, covariance
from .errors import no_model, no_pointwise, no_such_site, nothing_observed, too_few_draws
from .loo import Loo, leave_one_out
from .prediction import Prediction
from .summary import ParamRow, Row, net_sizes, param_rows, rows
from .tree import Attribute, Group, Labels, Tree, Variable, datatree, sampled
from .verdict import Verdict, advice_of, collapsed, of_collapse

if TYPE_CHECKING:
    import numpy
    import xarray

DEFAULT_DRAWS = 2_000
"""Draws from the guide behind summaries, k-hat and saved fits."""


@dataclass(frozen=True, slots=True)
class Elbo:
    """The evidence lower bound in nats, with the standard error of its estimate.

    Example:
        >>> f"{Elbo(-31.416, 0.02)}, {Elbo(-31.416, 0.02):.1f}"
        '-31.42 ± 0.02, -31.4'
        >>> float(Elbo(-31.416, 0.02))
        -31.416
    """

    value: float
    se: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.se:.2f}"

    def __float__(self) -> float:
        return self.value

    def __format__(self, form: str) -> str:
        """As text where nothing is asked for, else the value in that form."""
        return format(self.value, form) if form else str(self)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Draws from the guide.

    Args:
        values: for each latent and report an array ``[draws, …]``.
        log_p: log density of the model at each draw, ``[draws]``, in nats.
        log_q: log density of the guide at each draw, on the same coordinates as ``log_p``.
    """

    values: Mapping[str, numpy.ndarray]
    log_p: numpy.ndarray
    log_q: numpy.ndarray


class Predictor(Protocol):
    """What the model behind a fit says, given draws of its latents."""

    def states(self, draws: Mapping[str, numpy.ndarray], how: str, seed: int) -> Mapping[str, numpy.ndarray]: ...

    def predict(
        self,
        draws: Mapping[str, numpy.ndarray],
        seed: int,
        data: Any,
        sets: Mapping[str, Any],
        new: Collection[str],
    ) -> Prediction: ...

    def log_likelihood(
        self, draws: Mapping[str, numpy.ndarray]
    ) -> tuple[Mapping[str, Variable], tuple[str, ...]]: ...


How = Literal["draw", "best", "probability"]


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted guide: draws, diagnostics and everything needed to say how it came about.

    Args:
        spec: name of the spec.
        text: its text.
        guide: name of the guide that was fitted.
        dims: size of each dimension.
        labels: labels of the dimensions that have them.
        sites: axes of each latent and report, by name, in the order of the spec.
        params: fitted values of the model's and the guide's named parameters.
        losses: minus the estimated ELBO of each step, nats.
        elbo: of the fitted guide.
        status: one word for how the run ended.
        advice: what that means and what to do.
        converged: whether the run ended because nothing moved any more.
        settings: of the fit, as plain data.
        starts: the ELBO that each start led to, where there were several.
        seconds: wall time of each stage.
        data: the data that is conditioned on.
        warnings: of all stages.
        notes: what was done with the data that is normal.
        sample: draws the given number from the guide with the given seed; ``None`` for a fit read from a file.
        stored: draws that came with a file.
        constants: all other data.
        complete: whether all data are here, so that the model can be built again.
        predictor: what the model says, given draws; ``None`` for a fit that was read without its model.
        members: the dimension whose members its values are, for each discrete site that has one.
        scales: for each latent of a plate that the guide sees as it is written the latent that is its scale.
        chains: how many steps back each chain looks whose steps are independent in the guide.
        signal: how far the gradient at the end stands out from its noise.
        stand: where its run stood, where another can go on from there.
        matters: what must be the same for that, by name.
        device: on which it ran.
        versions: of the packages that made the fit.

    Example:
        >>> import svilang
        >>> text = "data { y: real[n] = [1, 2, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
        >>> fit = svilang.compile(text).bind().fit(progress="none")
        >>> [row.name for row in fit.summary()]
        ['m']
    """

    spec: str
    text: str
    guide: str
    dims: Mapping[str, int]
    labels: Mapping[str, Labels]
    sites: Mapping[str, tuple[str, ...]]
    params: Mapping[str, Variable]
    losses: numpy.ndarray
    elbo: Elbo
    status: str
    advice: str
    converged: bool
    settings: Mapping[str, Any]
    starts: tuple[float, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    data: Mapping[str, Variable] = field(default_factory=dict[str, Variable])
    warnings: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    sample: Callable[[int, int], Sample] | None = None
    stored: Sample | None = None
    constants: Mapping[str, Variable] = field(default_factory=dict[str, Variable])
    complete: bool = True
    predictor: Callable[[], Predictor] | None = None
    members: Mapping[str, str] = field(default_factory=dict[str, str])
    scales: Mapping[str, str] = field(default_factory=dict[str, str])
    chains: Mapping[str, int] = field(default_factory=dict[str, int])
    signal: Signal = field(default_factory=Signal)
    stand: Stand | None = None
    matters: Mapping[str, str] = field(default_factory=dict[str, str])
    device: str = "cpu"
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def seed(self) -> int:
        """The seed of all noise of the run."""
        return int(self.settings.get("seed", 0))

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.losses)

    @cached_property
    def _sample(self) -> Sample:
        return self.take(DEFAULT_DRAWS if self.stored is None else len(self.stored.log_p))

    def take(self, draws: int) -> Sample:
        """Draws from the guide, with the densities of model and guide at each.

        Raises:
            SvilangError: the fit came from a file that holds fewer draws.
        """
        whole_numbers({"draws": draws}, needed=True)
        if self.stored is not None:
            return _first(self.stored, draws)
        assert self.sample is not None
        return self.sample(draws, self.seed)

    @property
    def draws(self) -> Mapping[str, numpy.ndarray]:
        """Draws of every latent and report, each an array ``[draws, …]``."""
        return self._sample.values

    def discrete(self, how: How = "draw", draws: int | None = None) -> Mapping[str, numpy.ndarray]:
        """The discrete sites that were summed out, for each draw of the other latents.

        Args:
            how: ``"draw"``, one exact joint draw; ``"best"``, the values that are most probable together (for a chain
                the path of Viterbi); ``"probability"``, the probability of each value, on the last axis.
            draws: how many; as many as :attr:`draws` has by default.

        Example:
            >>> import svilang
            >>> model = "model { z ~ Bernoulli(0.5)   observe y ~ Normal(5 * z, 1) }"
            >>> fit = svilang.compile(f"data {{ y: real = 4.5 }} {model}").bind().fit(progress="none")
            >>> fit.discrete("best")["z"][0].item()
            1
        """
        if self.predictor is None:
            raise no_model("discrete sites")
        requests.word("how", how, get_args(How))
        values = self.draws if draws is None else self.take(draws).values
        return self.predictor().states(values, how, self.seed)

    def predict(
        self,
        data: Any = None,
        *,
        draws: int | None = None,
        seed: int | None = None,
        set: Mapping[str, Any] | None = None,
        new: Collection[str] = (),
    ) -> Prediction:
        """New observations from the posterior predictive distribution.

        Without arguments for the data of the fit. For other data, whose outcomes need not be there, what was fitted is
        kept for the members that they share with the fit (by label; without labels, where there are as many as in the
        fit), and latents of new members are drawn from the model; ``notes`` of the result says what was drawn. A chain
        goes on from its last step. Items that are not given, and whose dimensions are none of those given, are the
        fit's.

        Args:
            data: as for :meth:`svilang.api.Program.bind`.
            draws: how many; as many as :attr:`draws` has by default.
            seed: of the noise; the fit's by default.
            set: sizes of dimensions and single numbers.
            new: dimensions whose members are others than those of the fit, although they are called the same.

        Raises:
            SvilangError: with what is wrong in the data, or cannot be carried over to it.

        Example:
            >>> import svilang
            >>> text = "data { y: real[n] = [1, 2, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
            >>> fit = svilang.compile(text).bind().fit(progress="none")
            >>> fit.predict(draws=100).values["y"].shape
            (100, 3)
            >>> fit.predict(set={"n": 5}, draws=100).values["y"].shape
            (100, 5)
        """
        if self.predictor is None:
            raise no_model("predictions")
        whole_numbers({"seed": seed})
        values = self.draws if draws is None else self.take(draws).values
        sets, others = requests.mapping("set", set, '{"n": 100}'), requests.names("new", new)
        return self.predictor().predict(values, self.seed if seed is None else seed, data, sets, others)

    @cached_property
    def log_likelihood(self) -> Mapping[str, Variable]:
        """The log density of each observed element at each of :attr:`draws`, with its axes; not a number where an
        element is missing. Summed-out sites are summed out, and their observations have one number for each member of
        the plates that stay independent.

        Raises:
            SvilangError: a factor reads what is observed, or summed-out sites tie all observations together.
        """
        return self._pointwise(self._sample)

    def _pointwise(self, sample: Sample) -> Mapping[str, Variable]:
        if self.predictor is None:
            raise no_model("pointwise likelihoods")
        # A model without latents has draws too, all of nothing.
        found, coupled = self.predictor().log_likelihood(sample.values or {"": np.zeros(len(sample.log_p))})
        if coupled:
            raise no_pointwise(coupled)
        return found

    @cached_property
    def loo(self) -> Loo:
        """Expected log predictive density of the observations, each left out in turn; a `factor` is none.

        Raises:
            SvilangError: nothing is observed, a factor reads what is observed, or summed-out sites tie all observations
                together.

        Example:
            >>> import svilang
            >>> model = "model { m ~ Normal(0, 9)   plate n { observe y ~ Normal(m, 1) } }"
            >>> svilang.compile("data { y: real[n] = [1, 2, 3] }" + model).bind().fit(progress="none").loo.bad
            0
        """
        likelihoods = self.log_likelihood
        if not likelihoods:
            raise nothing_observed()
        return leave_one_out(likelihoods, self._sample.log_p, self._sample.log_q)

    @cached_property
    def _khat(self) -> tuple[float, checks.Reading]:
        return checks.khat(self._sample.log_p, self._sample.log_q)

    @property
    def reading(self) -> checks.Reading:
        """What k-hat means, with advice."""
        return self._khat[1]

    @property
    def khat(self) -> float:
        """Pareto k-hat of the importance ratios of the draws: how far the guide is from the posterior.

        Below 0.5 the approximation is good, below 0.7 usable; above, neither means nor quantiles can be trusted.
        Source: Vehtari, Simpson, Gelman, Yao & Gabry (2024), Pareto smoothed importance sampling; for guides, Yao,
        Vehtari, Simpson & Gelman (2018), Yes, but did it work?
        """
        return self._khat[0]

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the fit is an answer: that the run has converged says only that nothing moved any more.

        Example:
            >>> import svilang
            >>> svilang.compile("model { m ~ Normal(0, 1) }").bind().fit(progress="none").verdict.good
            True
        """
        fallen = collapsed(self.draws, self.scales, self._members(), self.reading)
        if fallen:
            return of_collapse(fallen, self.scales, self.draws)
        return Verdict(self.status, self.advice, self.converged and self.reading is not checks.Reading.BAD)

    @property
    def khat_advice(self) -> str:
        """What the reading of k-hat means and what to do; empty where there is nothing to do."""
        known = self.reading is not checks.Reading.UNKNOWN
        worth = checks.efficiency(self._sample.log_p - self._sample.log_q) if known else 0.0
        return advice_of(self.reading, self.scales, worth, self.chains)

    def _members(self) -> dict[str, int]:
        """How many members each latent has for one value of its scale."""
        own = {site: set(self.sites[site]) - set(self.sites[scale]) for site, scale in self.scales.items()}
        return {site: math.prod(self.dims.get(dim, 1) for dim in dims) for site, dims in own.items()}

    def posterior(self, draws: int = DEFAULT_DRAWS, *, log_likelihood: bool = False) -> xarray.DataTree:
        """An ArviZ tree of draws: ``posterior``, ``sample_stats``, ``observed_data``, ``params`` and ``fit``.

        Args:
            draws: how many.
            log_likelihood: whether the log density of each observed element at each draw is there too, in a group of
                that name, as ArviZ's comparisons take it.

        Raises:
            SvilangError: xarray is not installed, a fit from a file holds fewer draws, or summed-out sites tie all
                observations together.
        """
        both = requests.flag("log_likelihood", log_likelihood)
        sample = self._sample if draws == len(self._sample.log_p) else self.take(draws)
        return datatree(self._with_likelihood(sample) if both else self.tree(sample))

    def _with_likelihood(self, sample: Sample) -> Tree:
        """The tree of some draws, with the log density of each observed element at each of them."""
        found, tree = self._pointwise(sample), self.tree(sample)
        dims = {dim for one in found.values() for dim in one.dims}
        named = {f"{name}_" if name in dims else name: one for name, one in found.items()}
        group = Group({name: sampled(one.dims, one.values) for name, one in named.items()})
        return replace(tree, groups={**tree.groups, "log_likelihood": group})

    def summary(self) -> list[Row]:
        """One row for each scalar latent and report.

        A site whose values are members of a dimension has rows for the probabilities of its values only, because codes
        have no mean.
        """
        shown = {site: values for site, values in self.draws.items() if site not in self.members}
        return rows({site: Variable(self.sites[site], values) for site, values in shown.items()}, self.labels)

    def covariance(self, sites: Collection[str] | None = None, draws: int | None = None) -> Covariance:
        """How the scalars of the posterior vary together, in the coordinates and the order of the summary.

        Args:
            sites: latents and reports by name; all that are no members of a dimension by default.
            draws: how many it is taken from; as many as :attr:`draws` has by default.

        Raises:
            SvilangError: a site that is not there, or a fit from a file that holds fewer draws.

        Example:
            >>> import svilang
            >>> model = "model { a ~ Normal(0, 2)   b ~ Normal(a, 1) }   guide = full_rank"
            >>> fit = svilang.compile(model).bind().fit(progress="none")
            >>> bool(abs(fit.covariance().correlation[0, 1] - 0.8**0.5) < 0.05)
            True
        """
        values = self.draws if draws is None else self.take(draws).values
        every = [site for site in values if site not in self.members]
        chosen = every if sites is None else requests.names("sites", sites)
        self._expect(chosen)
        return covariance({site: Variable(self.sites[site], values[site]) for site in chosen}, self.labels)

    def rows_of(self, sites: Collection[str]) -> list[Row]:
        """The rows of the summary of some sites; all of them where none is named.

        Raises:
            SvilangError: a site that is not there.
        """
        chosen = requests.names("sites", sites)
        self._expect(chosen)
        return [row for row in self.summary() if not chosen or row.site in chosen]

    def _expect(self, sites: Collection[str]) -> None:
        for site in sites:
            if site not in self.draws:
                raise no_such_site(site, self.draws)

    def parameters(self) -> list[ParamRow]:
        """One row for each scalar parameter; those of nets are in :attr:`params`."""
        return param_rows(self.params, self.labels)

    @property
    def nets(self) -> dict[str, int]:
        """How many parameters each net has."""
        return net_sizes(self.params)

    def save(self, path: str | os.PathLike[str], *, log_likelihood: bool = False) -> None:
        """Write a netCDF file that :func:`svilang.load_fit`, xarray and ArviZ open.

        Args:
            path: of the file.
            log_likelihood: whether the log density of each observed element at each draw is there too, as for
                :meth:`posterior`.

        Raises:
            SvilangError: the file cannot be written, or summed-out sites tie all observations together.
        """
        from .store import save_tree

        place = requests.path("path", path)
        both = requests.flag("log_likelihood", log_likelihood)
        save_tree(self._with_likelihood(self._sample) if both else self.tree(), place)

    def tree(self, sample: Sample | None = None) -> Tree:
        """Everything but the guide itself, as groups of named arrays.

        A variable with the name of a dimension cannot stand beside it in a dataset, and gets an underscore; the labels
        of a dimension along which none runs are facts about the fit.
        """
        chosen = self._sample if sample is None else sample
        variables = {
            "posterior": {name: sampled(self.sites[name], values) for name, values in chosen.values.items()},
            "sample_stats": {"log_p": sampled((), chosen.log_p), "log_q": sampled((), chosen.log_q)},
            "observed_data": self.data,
            "constant_data": self.constants,
            "params": self.params,
            "fit": {"loss": Variable(("step",), np.asarray(self.losses))},
        }
        dims = {dim for held in variables.values() for variable in held.values() for dim in variable.dims}
        renamed = {name: f"{name}_" for held in variables.values() for name in held if name in dims}
        groups = {
            group: Group({renamed.get(name, name): variable for name, variable in held.items()})
            for group, held in variables.items()
        }
        if self.stand is not None:
            groups["state"] = _state(self.stand, self.matters)
        unseen = {dim: labels for dim, labels in self.labels.items() if dim not in dims}
        names = {"renamed": json.dumps(renamed), "labels": json.dumps(unseen)}
        groups["fit"] = Group(groups["fit"].variables, self._facts(chosen) | names)
        return Tree(groups, self.labels, {"creation_library": "svilang"})

    def _facts(self, sample: Sample) -> dict[str, Attribute]:
        plain: dict[str, Attribute] = {"spec": self.spec, "text": self.text, "guide": self.guide, "status": self.status}
        plain |= {"advice": self.advice, "converged": int(self.converged), "device": self.device}
        plain["complete"] = int(self.complete)
        plain |= {"elbo": self.elbo.value, "elbo_se": self.elbo.se}
        plain["khat"] = checks.khat(sample.log_p, sample.log_q)[0]
        nested = {
            "dims": dict(self.dims),
            "members": dict(self.members),
            "scales": dict(self.scales),
            "chains": dict(self.chains),
            "starts": list(self.starts),
            "signal": [self.signal.ratio, self.signal.gain, self.signal.motion],
            "settings": dict(self.settings),
            "seconds": dict(self.seconds),
            "warnings": [(warning.code, warning.message) for warning in self.warnings],
            "notes": list(self.notes),
            "versions": dict(self.versions),
        }
        return plain | {name: json.dumps(value) for name, value in nested.items()}

    def __repr__(self) -> str:
        return f"<fit of {self.spec} with guide {self.guide}: ELBO {self.elbo}, {self.status} after {self.steps} steps>"


def _state(stand: Stand, matters: Mapping[str, str]) -> Group:
    """Where a run stood, each array with axes of its own."""
    held = {
        name: Variable(tuple(f"{name}.{axis}" for axis in range(np.ndim(values))), np.asarray(values))
        for name, values in stand.arrays.items()
    }
    return Group(held, {"matters": json.dumps(dict(matters))})


def _first(sample: Sample, draws: int) -> Sample:
    held = len(sample.log_p)
    if draws > held:
        raise too_few_draws(draws, held)
    cut = {name: values[:draws] for name, values in sample.values.items()}
    return Sample(cut, sample.log_p[:draws], sample.log_q[:draws])
