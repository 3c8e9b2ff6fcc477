"""``svilang graph``: the diagram of a model as text."""

from svilang import compile as compiled
from svilang.plan.graph import Role, dot, graph, mermaid

TEXT = """
data { y: real[point, axis]   x: real[point]   dim k = 2 }
model {
  param s: positive = 1
  w ~ Dirichlet(ones(k))
  plate k { loc ~ Normal(0, 5) }
  plate point {
    z ~ Categorical(w)
    shift = loc[z] + x
    plate axis { observe y ~ Normal(shift, s) }
  }
}
"""


def diagram():
    return graph(compiled(TEXT).checked.model)


def test_a_diagram_has_every_variable_in_its_plates():
    found = {one.name: (one.role, one.plates, one.law) for one in diagram().vertices}
    assert found == {
        "x": (Role.DATA, ("point",), ""),
        "s": (Role.PARAMETER, (), ""),
        "w": (Role.LATENT, (), "Dirichlet"),
        "loc": (Role.LATENT, ("k",), "Normal"),
        "z": (Role.DISCRETE, ("point",), "Categorical"),
        "y (observed)": (Role.OBSERVED, ("point", "axis"), "Normal"),
    }


def test_edges_go_through_definitions_to_what_they_are_made_of():
    to_y = {("loc", "y (observed)"), ("s", "y (observed)"), ("x", "y (observed)"), ("z", "y (observed)")}
    assert set(diagram().edges) == {*to_y, ("w", "z")}


def test_plates_nest_in_both_languages():
    text = mermaid(diagram())
    assert text.startswith("flowchart TD\n")
    assert text.count("subgraph") == text.count("  end") == 3
    lines = [line for line in text.splitlines() if "subgraph" in line]
    assert '    subgraph p1 ["axis"]' in lines
    assert '["z<br/>Categorical"]' in text
    other = dot(diagram())
    assert other.count("{") == other.count("}") == 4
    assert "fillcolor=lightgrey" in other


def test_the_command_prints_it(svilang, schools):
    ended = svilang("graph", schools)
    assert ended.code == 0
    assert '(("theta<br/>Normal"))' in ended.out
    assert svilang("graph", "--form", "dot", schools).out.startswith("digraph model {")
