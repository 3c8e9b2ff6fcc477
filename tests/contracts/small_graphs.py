"""Every small plated graph of binary sites: the plates of each, what it reads, whether it is a chain, a mask."""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

SIZES = {"a": 2, "b": 2}
PLATES = ((), ("a",), ("b",), ("a", "b"))
SWAPPED = ((), ("b",), ("a",), ("a", "b"))


@dataclass(frozen=True)
class Site:
    """A Bernoulli site; ``chain`` is its order along ``t``, 0 for none; ``parents`` are earlier sites."""

    plates: tuple[str, ...]
    chain: int
    parents: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Sites, each observed with noise where its mask says; the last is observed together with its parents."""

    sites: tuple[Site, ...]
    steps: int
    masked: bool

    @property
    def members(self) -> int:
        return sum(int(np.prod(self.shape(site))) for site in self.sites)

    def dims(self, site):
        return (*site.plates, *(("t",) if site.chain else ()))

    def shape(self, site):
        return tuple({**SIZES, "t": self.steps}[dim] for dim in self.dims(site))

    def data(self):
        rng = np.random.default_rng(len(self.sites))
        values = [rng.normal(size=self.shape(site)).round(2) for site in self.sites]
        masks = [(rng.random(self.shape(site)) < 0.7).astype(int) for site in self.sites]
        return values, masks

    def weights(self):
        """One for the base of each site, for each look back, for each parent, and for its mean."""
        count = sum(2 + site.chain + len(site.parents) for site in self.sites)
        return np.random.default_rng(count).normal(size=count)

    def text(self):
        values, masks = self.data()
        declared, blocks, number = [], [], itertools.count()
        for i, (site, y, m) in enumerate(zip(self.sites, values, masks, strict=True)):
            axes = f"[{', '.join(self.dims(site))}]" if self.dims(site) else ""
            declared.append(f"y{i}: real{axes} = {y.tolist()}   m{i}: binary{axes} = {m.tolist()}")
            base, looks = f"w{next(number)}", [f"w{next(number)}" for _ in range(site.chain)]
            terms = [base, *(f"w{next(number)} * z{j}" for j in site.parents)]
            parts = [
                " + ".join([*terms, *(f"{looks[k]} * prev(z{i}, {k + 1})" for k in range(step))])
                for step in range(site.chain + 1)
            ]
            law = " then ".join(f"Bernoulli(logits={part})" for part in parts)
            mean = f"w{next(number)} * ({' + '.join([f'z{i}', *(f'z{j}' for j in site.parents)])})"
            where = f" where m{i}" if self.masked else ""
            body = f"z{i} ~ {law}\n observe y{i} ~ Normal({mean}, 1){where}"
            body = f"markov t {{ {body} }}" if site.chain else body
            for plate in reversed(site.plates):
                body = f"plate {plate} {{ {body} }}"
            blocks.append(body)
        priors = "\n".join(f"w{k} ~ Normal(0, 1)" for k in range(len(self.weights())))
        sizes = f"dim a = {SIZES['a']}   dim b = {SIZES['b']}   dim t = {self.steps}"
        return f"data {{ {' '.join(declared)} {sizes} }}\nmodel {{\n{priors}\n" + "\n".join(blocks) + "\n}"

    def brute(self, weights):
        """The log of the sum over all assignments, and its gradient."""
        _, total, slopes = self.assignments(weights)
        top = total.max()
        mass = np.exp(total - top)
        prior = np.sum(-0.5 * weights**2 - 0.5 * np.log(2 * np.pi))
        return top + np.log(mass.sum()) + prior, slopes @ mass / mass.sum() - weights

    def assignments(self, weights):
        """All of them, one a row: the values of each site, the log density without the priors, and its gradient."""
        values, masks = self.data()
        bits = ((np.arange(2**self.members)[:, None] >> np.arange(self.members)) & 1).astype(float)
        z, start = [], 0
        for site in self.sites:
            size = int(np.prod(self.shape(site)))
            z.append(bits[:, start : start + size].reshape(-1, *self.shape(site)))
            start += size
        total, slopes, at = np.zeros(len(bits)), np.zeros((len(weights), len(bits))), 0
        for i, site in enumerate(self.sites):
            parents = [self._spread(z[j], self.sites[j], site) for j in site.parents]
            features = [np.ones_like(z[i])]
            for back in range(1, site.chain + 1):
                features.append(np.zeros_like(z[i]))
                features[-1][..., back:] = z[i][..., : max(self.steps - back, 0)]
            features += parents
            own = range(at, at + len(features))
            logits = sum(weights[k] * feature for k, feature in zip(own, features, strict=True))
            total += self._sum(-np.logaddexp(0, np.where(z[i] == 1, -logits, logits)))
            for k, feature in zip(own, features, strict=True):
                slopes[k] += self._sum((z[i] - 1 / (1 + np.exp(-logits))) * feature)
            at = own.stop
            seen = z[i] + sum(parents)
            keep = masks[i] if self.masked else np.ones_like(masks[i])
            total += self._sum(keep * (-0.5 * (values[i] - weights[at] * seen) ** 2 - 0.5 * np.log(2 * np.pi)))
            slopes[at] += self._sum(keep * (values[i] - weights[at] * seen) * seen)
            at += 1
        return z, total, slopes

    def guided_by(self, names):
        """A spec with the weights as data, and a guide that gives these sites: each reads those of them that it reads
        in the model, by a parameter for each.
        """
        head, _, tail = self.text().partition("model {\n")
        weights = self.weights()
        given = " ".join(f"w{k}: real = {value!r}" for k, value in enumerate(weights.tolist()))
        body = tail.split("\n", len(weights))[-1]
        slopes, blocks = iter(self.slopes(names)), []
        number = itertools.count()
        declared = []
        for i in names:
            site = self.sites[i]
            own = [f"v{next(number)}", *(f"v{next(number)} * z{j}" for j in site.parents if j in names)]
            declared += [f"param {term.split()[0]}: real = {float(next(slopes))!r}" for term in own]
            block = f"z{i} ~ Bernoulli(logits={' + '.join(own)})"
            for plate in reversed(site.plates):
                block = f"plate {plate} {{ {block} }}"
            blocks.append(block)
        guide = "\n".join([*declared, *blocks])
        return f"data {{ {given} }}\n{head}model {{\n{body}\nguide {{\n{guide}\n}}"

    def slopes(self, names):
        """The parameters of that guide."""
        count = sum(1 + sum(j in names for j in self.sites[i].parents) for i in names)
        return np.random.default_rng(100 + count).normal(size=count)

    def brute_bound(self, names):
        """The expectation, under that guide, of the log of the sum over all other sites, and its gradient."""
        z, total, _ = self.assignments(self.weights())
        slopes = self.slopes(names)
        log_q, features, at = np.zeros(len(total)), np.zeros((len(slopes), len(total))), 0
        for i in names:
            site = self.sites[i]
            read = [np.ones_like(z[i])]
            read += [self._spread(z[j], self.sites[j], site) for j in site.parents if j in names]
            logits = sum(slopes[at + k] * one for k, one in enumerate(read))
            log_q += self._sum(-np.logaddexp(0, np.where(z[i] == 1, -logits, logits)))
            for k, one in enumerate(read):
                features[at + k] = self._sum((z[i] - 1 / (1 + np.exp(-logits))) * one)
            at += len(read)
        rows = np.concatenate([z[i].reshape(len(total), -1) for i in names], axis=1)
        _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        summed = np.full(len(first), -np.inf)
        np.logaddexp.at(summed, group.ravel(), total)
        gain = np.exp(log_q[first]) * (summed - log_q[first])
        return gain.sum(), features[:, first] @ gain

    def _spread(self, value, parent, child):
        have, index = self.dims(parent), [slice(None)]
        index += [slice(None) if dim in have else None for dim in self.dims(child)]
        return np.broadcast_to(value[tuple(index)], (len(value), *self.shape(child)))

    def _sum(self, terms):
        return terms.reshape(len(terms), -1).sum(1)

    def width(self, members, steps):
        """How many states a sum over all assignments holds at once, with plates and chains of these sizes: the width of
        an elimination of the unrolled graph, each time the state that joins the fewest others (minimum fill).
        """
        met = self._unrolled({"a": members, "b": members, "t": steps})
        widest = 0
        while met:
            one = min(met, key=lambda state: (_missing(met, state), len(met[state])))
            around = met.pop(one)
            widest = max(widest, len(around))
            for state in around:
                met[state] = (met[state] | around) - {state, one}
        return widest

    def _unrolled(self, sizes):
        """For each state of each site at each member those that it meets in a term."""
        met = {}
        for i, site in enumerate(self.sites):
            dims = self.dims(site)
            for index in itertools.product(*(range(sizes[dim]) for dim in dims)):
                at = dict(zip(dims, index, strict=True))
                term = [self._state(i, at), *(self._state(j, at) for j in site.parents)]
                back = [{**at, "t": at["t"] - k} for k in range(1, site.chain + 1)]
                term += [self._state(i, earlier) for earlier in back if earlier["t"] >= 0]
                for state in term:
                    met[state] = met.get(state, set()) | set(term) - {state}
        return met

    def _state(self, i, at):
        return (i, tuple(at[dim] for dim in self.dims(self.sites[i])))

    @property
    def coupled(self):
        """Whether some site reads another of fewer plates, so that all members in the others are tied by it."""
        return any(set(self.dims(self.sites[j])) < set(self.dims(site)) for site in self.sites for j in site.parents)


@functools.cache
def every_graph(most_sites, most_members=14, lengths=(3,)):
    """All graphs with up to so many sites and so few members that all assignments can be listed; of those that differ
    in the names of plates and sites alone, one.
    """
    return tuple(
        graph
        for sites in _grown((), most_sites)
        if _is_first(sites)
        for steps in (lengths if any(site.chain for site in sites) else (1,))
        for masked in (False, True)
        if (graph := Graph(sites, steps, masked)).members <= most_members
    )


def _grown(sites, most):
    """These sites, and all ways to add some that read nothing that stands in more plates than themselves."""
    if sites:
        yield sites
    if len(sites) == most:
        return
    for plates, chain in itertools.product(PLATES, (0, 1, 2)):
        seen = [j for j, site in enumerate(sites) if _around(site.plates, site.chain) <= _around(plates, chain)]
        for parents in _subsets(seen):
            yield from _grown((*sites, Site(plates, chain, parents)), most)


def _subsets(items):
    return [one for size in range(len(items) + 1) for one in itertools.combinations(items, size)]


def _around(plates, chain):
    return {*plates, *("t" for _ in range(min(chain, 1)))}


def _is_first(sites):
    """Whether none of its other namings comes before this one."""
    own = _named(sites, range(len(sites)), PLATES)
    orders = (
        order
        for order in itertools.permutations(range(len(sites)))
        if all(order[j] < order[i] for i, site in enumerate(sites) for j in site.parents)
    )
    return not any(_named(sites, order, plates) < own for order in orders for plates in (PLATES, SWAPPED))


def _named(sites, order, plates):
    """What a graph is if site ``i`` is the one of number ``order[i]``, and the plates are called so."""
    rows = [
        (order[i], plates.index(site.plates), site.chain, sorted(order[j] for j in site.parents))
        for i, site in enumerate(sites)
    ]
    return sorted(rows)


def _missing(met, state):
    """How many pairs of neighbours of a state do not meet yet."""
    return sum(one not in met[other] for one, other in itertools.combinations(met[state], 2))
