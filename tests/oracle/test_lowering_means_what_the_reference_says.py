"""Lowering against the reference interpreter, over the small programs and random ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import numpy as np
import pytest
from by_equation import evaluated
from programs import WORLD, random_program, small_programs
from reference import World, log_density

from svilang.ir import Program
from svilang.ir.text import write
from svilang.lower import lower


@dataclass(frozen=True)
class Given:
    """A program with the data of a world, as lowering takes it."""

    program: Program
    world: World

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.world.sizes

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        return {item.name: self._array(item.name, item.kind.discrete) for item in self.program.data}

    def _array(self, name: str, whole: bool) -> np.ndarray:
        filled = np.nan_to_num(self.world.data[name], nan=0.5)
        return filled.astype(np.int64) if whole else filled

    @property
    def present(self) -> Mapping[str, np.ndarray]:
        return {item.name: ~np.isnan(self.world.data[item.name]) for item in self.program.data if item.optional}

    def position(self, dim: str, label: str | int) -> int:
        return self.world.position(dim, label)


def lowered_log_density(program: Program, world: World) -> float:
    with jax.enable_x64(True):
        latents = {site.name: world.latents[site.name] for site in program.sites}
        return float(evaluated(lower(Given(program, world)).log_density, latents))


def agree(program: Program, world: World = WORLD) -> None:
    expected = sum(log_density(program, world).values())
    assert lowered_log_density(program, world) == pytest.approx(expected, rel=1e-11, abs=1e-11), write(program)


def test_lowering_gives_the_log_density_of_small_programs():
    for program in small_programs(1, every=19):
        agree(program)


def test_lowering_gives_the_log_density_of_programs_of_two_steps():
    for program in small_programs(2, every=900):
        agree(program)


@pytest.mark.parametrize("seed", range(3))
def test_lowering_gives_the_log_density_of_large_random_programs(seed):
    agree(random_program(seed, 25))
