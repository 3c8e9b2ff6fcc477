"""Use a model inside a program: compile a text, bind arrays, fit, and read the numbers."""

import numpy as np

import svilang

SPEC = """
data {
  dose: real[animal]
  dead: binary[animal]
}
model {
  intercept ~ Normal(0, 3)
  slope ~ Normal(0, 3)
  plate animal { observe dead ~ Bernoulli(logits=intercept + slope * dose) }
  report half = -intercept / slope
}
guide = full_rank
"""


def simulate(animals: int = 400) -> dict[str, np.ndarray]:
    """Data from the model itself, with intercept -1 and slope 2."""
    random = np.random.default_rng(1)
    dose = random.normal(size=animals)
    return {"dose": dose, "dead": random.random(animals) < 1 / (1 + np.exp(1 - 2 * dose))}


def main() -> svilang.Fit:
    program = svilang.compile(SPEC, name="dose.svi")  # every static check, before there is data
    model = program.bind(simulate())  # every check of the data
    fit = model.fit(seed=0, progress="none")
    print(f"{fit.status}, ELBO {fit.elbo}")
    for row in fit.summary():
        print(f"{row.name:>10} {row.mean:7.2f} ± {row.sd:.2f}   90 %: {row.q05:.2f} to {row.q95:.2f}")
    print("probability that half of the animals die below dose 0.6:", np.mean(fit.draws["half"] < 0.6))
    return fit


if __name__ == "__main__":
    main()
