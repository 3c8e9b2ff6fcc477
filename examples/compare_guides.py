"""Fit one model with several guides and see which to believe: the highest ELBO is closest to the posterior."""

import svilang

SPEC = """
data {
  effect: real[school] = [28, 8, -3, 7, -1, 1, 18, 12]
  stderr: positive[school] = [15, 10, 16, 11, 9, 11, 10, 18]
}
model {
  mu ~ Normal(0, 5)
  tau ~ HalfCauchy(5)
  plate school {
    theta ~ Normal(mu, tau)
    observe effect ~ Normal(theta, stderr)
  }
}
guide as_written { rest ~ mean_field }
guide standardised { noncentered theta   rest ~ mean_field }
guide joint { noncentered theta   rest ~ full_rank }
"""


def main(steps: int = 5000) -> dict[str, svilang.Fit]:
    model = svilang.compile(SPEC, name="eight_schools.svi").bind()
    fits = {name: model.fit(guide=name, steps=steps, progress="none") for name in model.program.guides}
    for name, fit in fits.items():
        tau = next(row for row in fit.summary() if row.name == "tau")
        print(f"{name:>12}   ELBO {fit.elbo}   k-hat {fit.khat:.2f}   tau {tau.mean:.2f} ± {tau.sd:.2f}")
    return fits


if __name__ == "__main__":
    main()
