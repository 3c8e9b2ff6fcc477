"""Which treatment each latent gets.

In: the IR of a model. Out: :class:`Elimination`, the same model with every finite discrete latent turned into an axis
that runs over its support, and for each term of the density which of these axes it has; or a diagnostic that names the
site that cannot be summed out, and why. :func:`check_batches` proves that minibatches give no bias, or says where they
would.
"""

from .annealed import check_annealing
from .apart import Apart, apart
from .batches import check_batches
from .changes import Change
from .costs import cells
from .enumerate import AtAxis, AtNode, Elimination, End, Reach, Route, Variable, chain_of, eliminate, steps_back
from .fronts import Waits, chain_sums, next_leaf, waiting
from .guided import Drawn, Expected, Guided, Made, Role, all_axes, batch_of, handed_over, links_of
from .links import Link, Links, merged, within
from .surrogates import check_surrogates, plate_of, row_plates
from .treat import Treated, treat
from .widths import affordable, check_tables, known_sizes

__all__ = [
    "Apart",
    "AtAxis",
    "AtNode",
    "Change",
    "Drawn",
    "Elimination",
    "End",
    "Expected",
    "Guided",
    "Link",
    "Links",
    "Made",
    "Reach",
    "Role",
    "Route",
    "Treated",
    "Variable",
    "Waits",
    "affordable",
    "all_axes",
    "apart",
    "batch_of",
    "cells",
    "chain_of",
    "chain_sums",
    "check_annealing",
    "check_batches",
    "check_surrogates",
    "check_tables",
    "eliminate",
    "handed_over",
    "known_sizes",
    "links_of",
    "merged",
    "next_leaf",
    "plate_of",
    "row_plates",
    "steps_back",
    "treat",
    "waiting",
    "within",
]
