"""What a federation has agreed on. Every site is told all of it before it sends anything."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from training.federate.combine import Way
from training.federate.errors import FederationError

Unit: TypeAlias = Literal["none", "site", "person"]

MOST_SITES: Final = 256
MOST_ROUNDS: Final = 10_000


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sites learn together.

    `sites` are waited for at the beginning, `least` make a round. `proximal` is FedProx's mu, 0 for FedAvg. `freeze_a`
    learns only the half B of a LoRA adapter, so that the mean of the sites' adapters is exact (FFA-LoRA). `secure`
    shows the aggregator sums only. `clip` shortens each site's update. `unit` is whom differential privacy protects:
    with `site` the sum is made noisy by `sigma` times `clip`, with `person` each site learns by DP-SGD on its own.
    `rank` and `alpha` are the adapter's; what of it is drawn by chance is drawn from `seed`, the same at all sites.
    `reach` is the largest number of an update that masks carry. Times are in seconds.
    """

    rounds: int
    sites: int
    least: int = 2
    steps: int = 20
    batch: int = 8
    rate: float = 1e-3
    proximal: float = 0.0
    freeze_a: bool = True
    secure: bool = False
    way: Way = "mean"
    trim: float = 0.2
    clip: float = 0.0
    unit: Unit = "none"
    epsilon: float = 0.0
    delta: float = 0.0
    sigma: float = 0.0
    reach: float = 1.0
    rank: int = 8
    alpha: int = 16
    seed: int = 0
    answer_s: float = 60.0
    learn_s: float = 3600.0
    grace_s: float = 60.0
    tries: int = 3

    @property
    def equal(self) -> bool:
        """Say whether each site has one voice, however many lines it has."""
        return self.unit == "site"

    @property
    def most_steps(self) -> int:
        """Return how many steps a site takes at most: those of all rounds, and of tries that come to nothing."""
        return self.steps * (self.rounds + self.tries - 1)

    @property
    def judged(self) -> bool:
        """Say whether sites report losses, which no noise protects."""
        return self.unit == "none"


def check(plan: Plan) -> Plan:
    """Return the plan; FederationError `bad_plan` says what in it contradicts itself."""
    for wrong, why in _faults(plan):
        if wrong:
            raise FederationError("bad_plan", why)
    return plan


def _faults(plan: Plan) -> list[tuple[bool, str]]:
    bounded = 1 <= plan.rounds <= MOST_ROUNDS and 2 <= plan.sites <= MOST_SITES
    counts = (plan.steps, plan.batch, plan.rank, plan.alpha, plan.tries)
    positive = min(*counts, plan.answer_s, plan.learn_s, plan.rate, plan.reach) > 0
    return [
        (not bounded, f"a federation has 2 to {MOST_SITES} sites and 1 to {MOST_ROUNDS} rounds"),
        (not 2 <= plan.least <= plan.sites, "at least 2 sites make a round, and no more than are waited for"),
        (not positive, "steps, batch, rank, alpha, tries, times, rate and reach are more than nothing"),
        (min(plan.proximal, plan.clip, plan.sigma, plan.grace_s) < 0, "no amount is less than nothing"),
        (not 0 < plan.trim < 0.5, "less than half is trimmed away at each end"),
        (
            plan.secure and plan.way != "mean",
            f"secure sums and the {plan.way} exclude each other: whoever looks for an outlier must see the updates",
        ),
        (plan.secure and plan.sites < 3, "secure sums take 3 sites: of two, each can tell the other's part"),
        (
            plan.secure and plan.least <= plan.sites // 2,
            "with secure sums more than half of the sites make a round, or one lie could unmask an update",
        ),
        (plan.way != "mean" and plan.sites < 3, "an outlier is one of 3 sites at least"),
        (plan.unit == "site" and not plan.clip, "privacy of sites needs updates of bounded length: set clip"),
        (
            plan.unit != "none" and not (plan.epsilon > 0 and 0 < plan.delta < 1),
            "privacy needs an epsilon above 0 and a delta between 0 and 1",
        ),
        (plan.unit == "person" and bool(plan.proximal), "privacy of persons takes no proximal term"),
        (plan.unit == "site" and not plan.sigma, "privacy of sites needs noise: sigma is missing"),
        (plan.unit == "site" and plan.way != "mean", "privacy of sites is proven for the mean only"),
    ]
