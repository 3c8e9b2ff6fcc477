"""The density of every small plated graph, and its gradient, are those of the sum over all assignments.

The default tests compile a few of them; all of them are evaluated equation by equation, which is ten times as fast.
"""

import itertools

import jax
import numpy as np
import pytest
from by_equation import evaluated
from estimating import bound
from small_graphs import every_graph

import svilang

COMPILED, EVALUATED = 2, 10
"""How many graphs are tried by default, evenly spread over all of them."""


def compiled(function, at):
    return jax.jit(function)(at)


def check(graph, evaluate=evaluated):
    """Whether the sum is taken; where it is, it is the right one."""
    weights = graph.weights()
    at = {f"w{k}": np.asarray(value) for k, value in enumerate(weights)}
    try:
        model = svilang.compile(graph.text()).bind()
        with jax.enable_x64(True):
            value, slopes = evaluate(jax.value_and_grad(model.log_density), at)
    except svilang.SvilangError as error:
        if not graph.coupled or {found.code for found in error.diagnostics} != {"E0624"}:
            raise
        return False
    value, slopes = float(value), np.array([slopes[f"w{k}"] for k in range(len(weights))])
    wanted, gradient = graph.brute(weights)
    assert value == pytest.approx(wanted, abs=1e-10), graph
    np.testing.assert_allclose(slopes, gradient, rtol=1e-10, atol=1e-10, err_msg=str(graph))
    return True


def test_a_spread_of_small_graphs_is_summed_out_exactly():
    graphs = every_graph(3)
    assert sum(check(graph, compiled) for graph in graphs[:: len(graphs) // COMPILED]) > 1
    assert sum(map(check, graphs[5 :: len(graphs) // EVALUATED])) > 1


def check_bound(graph, names):
    """Whether the expectation over a guide that gives some of the sites is taken exactly; if so, it is right."""
    text = graph.guided_by(names)
    try:
        if {found.code for found in svilang.compile(text).warnings} & {"W0610"}:
            return False
        with jax.enable_x64(True):
            value, slopes = bound(text, evaluated)
    except svilang.SvilangError as error:
        if not graph.coupled or {found.code for found in error.diagnostics} != {"E0624"}:
            raise
        return False
    wanted, gradient = graph.brute_bound(names)
    assert float(value) == pytest.approx(wanted, abs=1e-10), (graph, names)
    np.testing.assert_allclose(slopes, gradient, rtol=1e-10, atol=1e-10, err_msg=str((graph, names)))
    return True


def guided(graphs):
    """Each with every choice of sites for the guide; a chain has none there."""
    for graph in graphs:
        able = [i for i, site in enumerate(graph.sites) if not site.chain]
        for many in range(1, len(able) + 1):
            for names in itertools.combinations(able, many):
                yield graph, names


def test_a_spread_of_small_graphs_is_averaged_over_a_guide_exactly():
    cases = list(guided(every_graph(3)))
    assert sum(itertools.starmap(check_bound, cases[7 :: len(cases) // 6])) > 1


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(40))
def test_every_small_graph_is_averaged_over_every_guide_exactly(part):
    assert sum(itertools.starmap(check_bound, list(guided(every_graph(3)))[part::40])) > 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(8))
def test_a_graph_is_refused_only_if_no_order_of_summation_stays_small(part):
    """Whatever the order, the states held at once would grow with the plates; where they do not, the sum is taken."""
    graphs = [graph for graph in every_graph(3) if not graph.masked]
    refused = [graph for graph in graphs[part::8] if is_refused(graph)]
    assert refused
    for graph in refused:
        assert graph.width(5, 7) > graph.width(3, 4), graph


def is_refused(graph):
    try:
        svilang.compile(graph.text())
    except svilang.SvilangError as error:
        return {found.code for found in error.diagnostics} == {"E0624"}
    return False


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(40))
def test_every_small_graph_is_summed_out_exactly(part):
    graphs = [*every_graph(4), *every_graph(2, lengths=(1, 2, 4, 5, 6))]
    assert sum(map(check, graphs[part::40])) > 0
