"""Prints every case beside its reference: ``python tests/posterior/table.py``."""

import sys
import time

import numpy as np
from posterior_cases import FLOORS, Case, all_cases

HEAD = (
    f"{'case':<52}{'family':<12}{'mean error':>11}{'sd ratio':>14}{'of floor':>13}"
    f"{'k-hat':>7}{'steps':>7}{'seconds':>8}"
)


def row(name: str, family: str) -> str:
    case = Case(name)
    start = time.perf_counter()
    fit = case.model(f"guide = {family}").fit(seed=0, progress="none")
    seconds = time.perf_counter() - start
    if case.reference is None:
        return f"{name:<52}{family:<12}{'no reference':>11}"
    found = case.compare(fit)
    floor = np.array(FLOORS.get(name, [])) if family == "mean_field" else np.array([])
    share = found.ratio[: len(floor)] / floor if len(floor) else None
    of_floor = "" if share is None else f"{share.min():.2f}–{share.max():.2f}"
    ratio = f"{found.ratio.min():.2f}–{found.ratio.max():.2f}"
    state = "" if fit.converged else " *"
    return (
        f"{name:<52}{family:<12}{found.error.max():>11.3f}{ratio:>14}{of_floor:>13}"
        f"{fit.khat:>7.2f}{fit.steps:>7}{seconds:>8.1f}{state}"
    )


def main() -> None:
    wanted = sys.argv[1:]
    print(HEAD, flush=True)
    for name in all_cases():
        if not wanted or any(part in name for part in wanted):
            for family in ("full_rank", "mean_field"):
                print(row(name, family), flush=True)
    print("* the run says that it has not converged")


if __name__ == "__main__":
    main()
