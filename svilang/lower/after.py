"""What draws of a posterior say about everything else: discrete sites, reports, new data, pointwise likelihoods."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any

from ..ir import nodes as ir
from ..lazy import jax, jnp, lax, np, random
from ..plan import eliminate, handed_over
from ..types import Dims
from . import posterior
from .ancestral import Kept, drawn_latents
from .axes import Value
from .bound import Bound, arguments
from .density import Model, factor_name, inputs, model, prepare
from .initial import initial
from .posterior import Given, begin
from .predictive import begun_again, generated, late, log_likelihoods, member_terms, predicted, visible
from .run import Latents, Run
from .target import sorted_nodes
from .values import plan

Shared = Mapping[str, Any]
"""``data`` and ``params``: what all draws have in common."""
One = Callable[[Given, Any], Mapping[str, Value]]
"""``(values of one draw, key) -> mapping``."""


class After:
    """A program with its data, to be evaluated at given values of its latents.

    Each method takes what all draws share and gives a pure function of one draw. Everything is in terms of constrained
    values by name, so that it serves a fit that has just ended and one from a file.

    Args:
        bound: the model with its data, as it was before rows were put together.
        conditions: whether discrete sites will be asked for given the data.
        drawn: the discrete sites that have values, since the guide draws them.
    """

    def __init__(self, bound: Bound, *, conditions: bool = True, drawn: Collection[str] = ()) -> None:
        self.bound = bound
        self.drawn_by_guide = drawn
        self.whole: Model = model(plan(bound.program, bound.sizes, bound.position), ())
        self.conditions = conditions
        needed = inputs(self.whole.plan)
        if conditions and self.discrete:
            needed |= inputs(self.enumerated.plan)
        self.data = {name: array for name, array in arguments(bound).items() if name in needed}

    @cached_property
    def enumerated(self) -> Model:
        """The model with an axis for each discrete site."""
        elimination = eliminate(self.program, handed_over(self.program, self.drawn_by_guide))
        return model(sorted_nodes(elimination, self.bound), (), (), elimination)

    @property
    def program(self) -> ir.Program:
        """The model as it was written, with its discrete sites."""
        return self.bound.program

    @property
    def discrete(self) -> tuple[ir.Site, ...]:
        """The sites that have no values until they are drawn."""
        sites = self.program.sites
        return tuple(site for site in sites if site.kind.discrete and site.name not in self.drawn_by_guide)

    @property
    def late(self) -> tuple[ir.Report, ...]:
        """The reports that a draw of the continuous latents does not settle."""
        return late(self.program)

    @property
    def dtype(self) -> Any:
        """The working precision."""
        return jnp.result_type(float)

    @property
    def numbers(self) -> int:
        """How many numbers one evaluation takes."""
        tables = posterior.table_entries(self.enumerated) if self.conditions and self.discrete else 0
        return sum(array.size for array in self.data.values()) + tables

    def completed(self, shared: Shared) -> One:
        """The discrete sites, drawn together, and the late reports."""
        discrete, reports = self.drawn(shared), self.reports(shared)

        def one(latents: Given, key: Any) -> Mapping[str, Value]:
            first, second = random.split(key)
            states = dict(discrete(latents, first)) if self.discrete else {}
            return {**states, **reports({**latents, **states}, second)}

        return one

    def drawn(self, shared: Shared) -> One:
        """A draw of all discrete sites together, given all others."""
        return self._states(shared, posterior.drawn)

    def best(self, shared: Shared) -> One:
        """The most probable values of all discrete sites together, given all others."""
        return self._states(shared, lambda *given: posterior.best(*given[:-1]))

    def probabilities(self, shared: Shared) -> One:
        """The probability of each value of each discrete site, given all others that are not discrete."""
        return self._states(shared, lambda *given: posterior.probabilities(*given[:-1]))

    def reports(self, shared: Shared) -> One:
        """The late reports, given all latents."""
        return self._whole(shared, generated)

    def predicted(self, shared: Shared, kept: Mapping[str, Value | None], rounds: int = 0) -> One:
        """New latents where there are no values, all reports, and new data in the place of each observation.

        ``kept`` is as for :meth:`prior`; ``shared`` has the known ``outcomes`` too, as values and where they are, and
        likewise what has ``begun``: parameters that are outcomes, drawn in so many ``rounds`` under one noise.
        """
        outcomes = {name: Kept(*one) for name, one in shared["outcomes"].items()}
        begun = shared["begun"]
        prepared = prepare(self.whole, shared["data"], self.dtype)

        def one(latents: Given, key: Any) -> Mapping[str, Value]:
            first, second, third = random.split(key, 3)

            def at(filled: Given) -> tuple[Run, Latents]:
                params = {**shared["params"], **filled}
                made = self.prior({**shared, "params": params}, kept)(latents, first)
                return begin(self.whole, prepared, params, made, self.dtype)

            def again(_: int, filled: dict[str, Value]) -> dict[str, Value]:
                made = begun_again(self.whole, at(filled)[0], third, filled)
                return {name: jnp.where(begun[name][1], before, made[name]) for name, before in filled.items()}

            known = {name: jnp.asarray(values) for name, (values, _) in begun.items()}
            run, values = at(lax.fori_loop(0, rounds, again, known) if rounds else known)
            shown = visible(self.whole, run, values)
            made = generated(self.whole, run, values, second)
            names = [*(site.name for site in self.program.sites), *(report.name for report in self.program.reports)]
            known = {**shown, **made}
            return {
                "latents": {name: known[name] for name in names},
                "observed": predicted(self.whole, run, third, outcomes),
            }

        return one

    def initial_params(self) -> dict[str, Any]:
        """The constrained values at which the model's own parameters start."""
        if not self.program.params:
            return {}
        theta = initial(self.whole, arguments(self.bound))

        def values(data: Given) -> Given:
            none = Latents(self.whole.latents, None, {})
            run = self.whole.start(prepare(self.whole, data, self.dtype), jnp.asarray(theta), self.dtype, none)
            return {param.name: run.parameter(param.name) for param in self.program.params}

        return {name: np.asarray(value) for name, value in jax.jit(values)(self.data).items()}

    def log_likelihood(self, shared: Shared) -> One:
        """The log density of each observed element, given all latents that are not summed out.

        What reads summed-out sites has one number for each member of the plates that these leave independent.
        """
        model, dtype = self.enumerated, self.dtype
        prepared = prepare(model, shared["data"], dtype)

        def one(latents: Given, key: Any) -> Mapping[str, Value]:
            run, _ = begin(model, prepared, shared["params"], latents, dtype)
            marginal = posterior.marginal_likelihoods(model, prepared, shared["params"], latents, dtype)
            return {**log_likelihoods(model, prepared, run), **marginal}

        return one

    @property
    def term_plates(self) -> dict[str, Dims]:
        """The plates of what :meth:`terms` gives."""
        factors = {factor_name(i, self.program): one.plates for i, one in enumerate(self.program.factors)}
        return {one.name: one.plates for one in self.program.observations} | factors

    def terms(self, data: Given, latents: Given, params: Given) -> Mapping[str, Value]:
        """The log density of each observed element and of each member of a factor, 0 for one that does not count.

        Of what reads summed-out sites it is the largest over their values: where that is not finite, no sum is.
        """
        model = self.enumerated
        prepared = prepare(model, data, self.dtype)
        run, _ = begin(model, prepared, params, latents, self.dtype)
        return member_terms(model, prepared, run)

    @property
    def pointwise(self) -> tuple[dict[str, Dims], tuple[str, ...]]:
        """The axes of what :meth:`log_likelihood` gives, and the observations that do not come apart."""
        model = self.enumerated
        assert model.elimination is not None
        many = list(zip(model.program.observations, model.elimination.observations, strict=True))
        found = {one.name: one.plates for one, reach in many if not reach.axes}
        name, plates = posterior.marginal_plates(model)
        coupled = tuple(one.name for one, reach in many if reach.axes)
        return ({**found, name: plates}, ()) if plates else (found, coupled)

    def prior(self, shared: Shared, kept: Mapping[str, Value | None] | None = None) -> One:
        """A draw of all latents from their laws; the values of one draw are members that are kept, by ``kept``.

        ``kept`` says for some sites which of their members come from the values given, all of them where it is
        ``None``; it holds no values itself.
        """
        prepared = prepare(self.whole, shared["data"], self.dtype)

        def one(latents: Given, key: Any) -> Mapping[str, Value]:
            def start(values: Given) -> Any:
                return begin(self.whole, prepared, shared["params"], values, self.dtype)

            fixed = {name: Kept(latents[name], where) for name, where in (kept or {}).items()}
            return drawn_latents(self.whole, start, key, fixed)

        return one

    def _states(self, shared: Shared, function: Callable[..., Mapping[str, Value]]) -> One:
        prepared = prepare(self.enumerated, shared["data"], self.dtype)

        def one(latents: Given, key: Any) -> Mapping[str, Value]:
            return function(self.enumerated, prepared, shared["params"], latents, self.dtype, key)

        return one

    def _whole(self, shared: Shared, function: Callable[..., Mapping[str, Value]]) -> One:
        prepared = prepare(self.whole, shared["data"], self.dtype)

        def one(latents: Given, key: Any) -> Mapping[str, Value]:
            run, values = begin(self.whole, prepared, shared["params"], latents, self.dtype)
            return function(self.whole, run, values, key)

        return one
