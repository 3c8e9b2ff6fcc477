"""For which members a bound of several draws is taken by itself.

``log mean_k w_k`` of all latents together has weights that are products over the members of a plate, and with many
members one draw has nearly all the weight. Where every latent stands in one plate, and depends on its own member only,
the posterior is a product over the members too, and so is the evidence: the sum over the members of ``log mean_k w_ik``
is a bound of it as well. It is that of all combinations of the draws of the members, and by Jensen's inequality the
tighter one on average. And it is a sum, so that some members give an unbiased estimate of it.

Source: Burda, Grosse and Salakhutdinov (2016), whose bound is that of one image.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import nodes as ir
from ..types import Dim, Dims
from .batches import in_the_way, latents, tied
from .enumerate import Elimination


@dataclass(frozen=True, slots=True)
class Apart:
    """What there is of it in a model.

    Args:
        plates: a bound is taken for each of their members.
        reason: why there are none, where there are latents.
    """

    plates: Dims
    reason: str = ""


def apart(elimination: Elimination, guide: ir.Program | None) -> Apart:
    """The plates that all latents share, as far as nothing ties their members to each other."""
    first = next(latents(elimination, guide), None)
    if first is None:
        return Apart(())
    if not first.plates:
        return Apart((), f"`{first.name}` stands in no plate")
    found: list[Dim] = []
    reasons: list[str] = []
    for dim in first.plates:
        outside = in_the_way(elimination, guide, dim)
        if outside is not None:
            reasons.append(f"`{outside.name}` is one for all members of `{dim}`")
        elif any(tied(elimination, guide, dim)):
            reasons.append(f"something ties the members of `{dim}` to each other")
        else:
            found.append(dim)
    return Apart(tuple(found), "" if found else reasons[0])
