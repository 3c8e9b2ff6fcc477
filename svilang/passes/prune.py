"""Dead code: nodes that no declaration, site, term or report needs."""

from __future__ import annotations

from ..ir import Program, reachable, rebuild, roots


def prune(program: Program) -> Program:
    """Drop the nodes that nothing needs, and the names of those nodes.

    Definitions of a model keep no node alive; those of a guide do, since one of them may make a latent of the model.
    """
    alive = reachable(program, roots(program))
    if len(alive) == len(program.nodes):
        return program
    return rebuild(program, [node if position in alive else None for position, node in enumerate(program.nodes)])
