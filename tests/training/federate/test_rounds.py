"""Rounds of a federation, whole, without a socket: what is learnt, who falls out, who comes back, who lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.training.federate.world import BASE, Lines, World, drawer
from training.federate import messages as m
from training.federate.actions import Part, Send
from training.federate.aggregator import Aggregator, Phase
from training.federate.combine import Way
from training.federate.errors import CODES, FederationError
from training.federate.plan import Plan, check
from training.federate.ring import Vector
from training.federate.site import Site

TRUTH = np.array([0.5, -0.3, 0.2, 0.1])
CENTRES = ("optics", "sound", "heat")


def data(sites: int = 3) -> dict[str, Lines]:
    """Make sites that know different corners, and have different amounts."""
    names = [*CENTRES, *(f"site-{n}" for n in range(3, sites))][:sites]
    return {name: Lines.of(n, 20 + 20 * n, TRUTH, n) for n, name in enumerate(names)}


def plan(**more: Any) -> Plan:
    """Return a plan of three sites that need two."""
    return Plan(**{"rounds": 12, "sites": 3, "least": 2, "steps": 5, "rate": 0.1, **more})


def world(agreed: Plan, sites: int = 3, **more: Any) -> World:
    return World(agreed, data(sites), np.zeros(4, np.float32), **more)


def central(sites: int = 3) -> Lines:
    every = data(sites).values()
    return Lines(np.concatenate([d.inputs for d in every]), np.concatenate([d.answers for d in every]))


def test_what_is_learnt_together_is_as_good_as_in_one_place() -> None:
    together = world(plan()).run()
    assert together.finish is not None
    everything = central()
    alone = everything.learn(np.zeros(4, np.float32), plan(steps=60))
    assert everything.loss(together.finish.weights) < 1.1 * everything.loss(alone) + 1e-3
    local = {name: lines.learn(np.zeros(4, np.float32), plan(steps=60)) for name, lines in data().items()}
    assert everything.loss(together.finish.weights) < min(everything.loss(weights) for weights in local.values())
    assert [note.round for note in together.notes] == list(range(12))
    losses = [note.before or 0.0 for note in together.notes]
    assert losses[0] > losses[5] > losses[11] > 0
    assert set(together.finish.scores) == set(CENTRES)


def test_a_secure_sum_gives_the_same_weights_and_shows_no_update() -> None:
    plain, masked = world(plan()).run(), world(plan(secure=True)).run()
    assert plain.finish is not None
    assert masked.finish is not None
    assert np.allclose(plain.finish.weights, masked.finish.weights, atol=1e-6)
    shown = [msg.numbers for _, msg in masked.seen if isinstance(msg, m.Update)]
    honest = [msg.numbers for _, msg in plain.seen if isinstance(msg, m.Update)]
    assert len(shown) == len(honest) == 36
    assert not set(shown) & set(honest)
    big = [abs(int(n)) > 2**27 for numbers in shown for n in np.frombuffer(numbers, "<i4")]
    assert np.mean(big) > 0.8  # of numbers by chance 94 % are; of the updates none


@pytest.mark.parametrize(
    ("kind", "left"),
    [(m.Keys, 2), (m.Letters, 2), (m.Update, 2), (m.Reveal, 3)],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_a_site_that_falls_out_at_each_step_of_a_secure_sum(kind: type[m.Message], left: int) -> None:
    there = world(
        plan(secure=True, rounds=3),
        drops=lambda site, msg: site == "heat" and isinstance(msg, kind) and msg.turn[0] == 1,  # type: ignore[attr-defined]
    ).run()
    assert not there.failed
    assert [len(note.sites) for note in there.notes] == [3, left, 2]
    assert [note.tries for note in there.notes] == [0, 0, 0]
    # The sum that was mended is that of the others: the same as if they had been alone from there on.
    assert there.finish is not None
    weights = np.zeros(4, np.float32)
    for note in there.notes:
        lines = {name: len(data()[name].answers) for name in note.sites}
        weights = weights + sum(
            (data()[name].learn(weights, there.plan) - weights) * (count / sum(lines.values()))
            for name, count in lines.items()
        )
    assert np.allclose(there.finish.weights, weights, atol=1e-6)


def test_a_round_that_loses_too_many_is_tried_again_and_then_given_up() -> None:
    def drops(site: str, message: m.Message) -> bool:
        return isinstance(message, m.Update) and site != "optics"

    there = world(plan(secure=True), drops=drops).run()
    assert there.failed["aggregator"].code == "too_few_sites"
    assert there.finish is None
    assert not there.notes


def test_sites_that_come_back_are_in_the_next_try() -> None:
    lost: set[str] = set()

    def drops(site: str, message: m.Message) -> bool:
        first = isinstance(message, m.Update) and site != "optics" and site not in lost
        lost.update({site} if first else ())
        return first

    there = world(plan(secure=True, rounds=2), drops=drops)
    expire = there.hub.expire

    def back(now: float) -> Any:
        actions = expire(now)
        for name in list(there.gone):
            there.sites[name] = Site(name, BASE, len(data()[name].answers), drawer(f"{name} again"), 4)
            there.join(name)
        return actions

    there.hub.expire = back  # type: ignore[method-assign]
    there.run()
    assert there.finish is not None
    assert there.notes[0].tries >= 1
    assert there.notes[1].tries == 0
    assert len(there.notes[1].sites) == 3


@pytest.mark.parametrize("secure", [False, True])
def test_a_lost_socket_in_the_middle_of_a_round_costs_nothing(secure: bool) -> None:
    """The site's process lives: it comes back within the grace and goes on where it was, at every step."""
    kinds = (m.Keys, m.Letters, m.Update, m.Reveal) if secure else (m.Update,)
    for kind in kinds:
        hit: list[str] = []

        def drops(site: str, message: m.Message, kind: type = kind, hit: list[str] = hit) -> bool:
            if site == "sound" and isinstance(message, kind) and not hit:
                hit.append(site)
                return True
            return False

        there = world(plan(secure=secure, rounds=2, least=3), drops=drops)
        lose = there.lose

        def lose_and_return(name: str, there: World = there, lose: Any = lose) -> None:
            lose(name)
            there.join(name)

        there.lose = lose_and_return  # type: ignore[method-assign]
        there.run()
        assert hit
        assert [(note.tries, len(note.sites)) for note in there.notes] == [(0, 3), (0, 3)]
        calm = world(plan(secure=secure, rounds=2, least=3)).run()
        assert there.finish is not None
        assert calm.finish is not None
        assert np.allclose(there.finish.weights, calm.finish.weights, atol=1e-6)


def test_a_killed_aggregator_goes_on_from_what_it_kept() -> None:
    whole = world(plan(rounds=6)).run()
    kept = whole.kept[2]
    half = World(plan(rounds=6), data(), kept.weights, rounds=kept.rounds).run()
    assert whole.finish is not None
    assert half.finish is not None
    assert np.array_equal(whole.finish.weights, half.finish.weights)
    assert [note.round for note in half.notes] == [3, 4, 5]


@pytest.mark.parametrize("way", ["mean", "median", "trimmed"])
def test_a_poisoned_site(way: Way) -> None:
    def lie(site: str, weights: Vector) -> Vector:
        return weights - 5.0 if site == "site-4" else weights

    honest = Lines(
        np.concatenate([d.inputs for n, d in data(5).items() if n != "site-4"]),
        np.concatenate([d.answers for n, d in data(5).items() if n != "site-4"]),
    )
    there = world(plan(way=way, sites=5, least=3), 5, lie=lie).run()
    assert there.finish is not None
    assert (honest.loss(there.finish.weights) < 0.05) == (way != "mean")
    assert there.notes[0].outlying["site-4"] > 4


def test_clipping_bounds_what_a_liar_can_do() -> None:
    there = world(plan(clip=0.05, rounds=1), lie=lambda site, w: w + 100 if site == "heat" else w).run()
    assert there.finish is not None
    assert np.linalg.norm(there.finish.weights) <= 0.05 + 1e-6


def test_privacy_of_sites_makes_the_sum_noisy_by_what_was_promised() -> None:
    private = {"unit": "site", "epsilon": 1.0, "delta": 1e-3, "sigma": 2.0, "clip": 0.1, "reach": 3.0}
    moved = []
    for _ in range(2):
        for secure in (False, True):
            there = World(
                plan(rounds=1, least=3, secure=secure, steps=1, **private),
                {name: Lines(np.zeros((5, 4000)), np.zeros(5)) for name in CENTRES},
                np.zeros(4000, np.float32),
            ).run()
            assert there.finish is not None
            assert there.finish.scores == {}  # losses would tell what the noise hides
            assert there.notes[0].before is None
            moved.append(there.finish.weights.std() * 3)  # of the sum
    assert np.allclose(moved, 0.2, rtol=0.05)


def test_another_base_is_refused_and_the_others_go_on() -> None:
    there = world(plan())
    there.sites["stranger"] = Site("stranger", "c" * 64, 5, drawer("s"), 4)
    there.data["stranger"] = there.data["heat"]
    there.run(["stranger", *CENTRES])
    assert there.parted == {"stranger": "base_differs"}
    assert there.finish is not None


def test_an_update_that_is_none_costs_its_site_the_place() -> None:
    hub = Aggregator(plan(), BASE, np.zeros(4, np.float32))
    for name in CENTRES:
        hub.receive(name, m.Join(version=1, site=name, base=BASE, lines=5), 0.0)
    for numbers in (b"123", np.full(4, np.nan, "<f4").tobytes()):
        name = next(iter(hub.sites))
        [part, *_] = hub.receive(name, m.Update(turn=(0, 0), numbers=numbers), 1.0)
        assert isinstance(part, Part)
        assert part.error.code == "bad_update"
        assert name not in hub.sites


def test_what_is_late_or_early_is_dropped() -> None:
    hub = Aggregator(plan(), BASE, np.zeros(4, np.float32))
    good = np.zeros(4, "<f4").tobytes()
    assert hub.receive("optics", m.Update(turn=(0, 0), numbers=good), 0.0) == []
    for name in CENTRES:
        hub.receive(name, m.Join(version=1, site=name, base=BASE, lines=5), 0.0)
    for message in (
        m.Update(turn=(7, 0), numbers=good), m.Keys(turn=(0, 0), mask=bytes(32), seal=bytes(32)), m.Scored(),
        m.Letters(turn=(0, 0), letters={}), m.Reveal(turn=(0, 0), seeds={}, keys={}),
    ):  # fmt: skip
        assert hub.receive("optics", message, 0.0) == []
    assert hub.phase is Phase.UPDATES


def test_another_version_is_refused() -> None:
    [part] = Aggregator(plan(), BASE, np.zeros(4, np.float32)).receive(
        "heat", m.Join(version=9, site="heat", base=BASE, lines=5), 0.0
    )
    assert isinstance(part, Part)
    assert part.error.code == "bad_message"


def test_letters_and_shares_that_are_incomplete_cost_the_place() -> None:
    hub = Aggregator(plan(secure=True), BASE, np.zeros(4, np.float32))
    for name in CENTRES:
        hub.receive(name, m.Join(version=1, site=name, base=BASE, lines=5), 0.0)
    for name in CENTRES:
        hub.receive(name, m.Keys(turn=(0, 0), mask=bytes(32), seal=bytes(32)), 0.0)
    assert hub.phase is Phase.LETTERS
    [part, *_] = hub.receive("heat", m.Letters(turn=(0, 0), letters={}), 0.0)
    assert isinstance(part, Part)
    assert part.error.code == "bad_share"


def test_a_late_comer_gets_the_result() -> None:
    there = world(plan(rounds=1)).run()
    welcome, done = there.hub.receive("late", m.Join(version=1, site="late", base=BASE, lines=1), 9.0)
    assert isinstance(welcome, Send)
    assert isinstance(done, Send)
    assert isinstance(done.message, m.Done)


# ------------------------------------------------------------------------------------- a site that does not trust


def welcomed(agreed: Plan, **more: Any) -> Site:
    site = Site("optics", BASE, 10, drawer("optics"), 4, **more)
    assert site.receive(m.Welcome(plan=agreed, length=4, site="optics")) == []
    return site


def fails(site: Site, message: m.FromAggregator) -> str:
    [action] = site.receive(message)
    return str(getattr(getattr(action, "error", None), "code", action))


def test_a_site_refuses_to_show_both_secrets_of_another() -> None:
    shown: list[m.Survivors] = []
    there = world(plan(secure=True, rounds=1))
    asked = there._deliver

    def twice(sender: str, to: str, message: m.Message) -> None:
        asked(sender, to, message)
        if isinstance(message, m.Survivors) and to == "heat":
            shown.append(message)
            again = m.Survivors(turn=message.turn, sites=["heat", "optics"])
            assert fails(there.sites["heat"], again) == "told_twice"

    there._deliver = twice  # type: ignore[method-assign]
    there.run()
    assert shown


def test_keys_that_the_aggregator_slipped_in_are_found_with_a_circle() -> None:
    circle = dict.fromkeys(CENTRES, b"our circle")
    assert world(plan(secure=True, rounds=1), circles=circle).run().finish is not None
    there = world(plan(secure=True, rounds=1), circles={**circle, "heat": b"another"}).run()
    assert {error.code for error in there.failed.values()} >= {"bad_keys"}
    assert there.finish is None


def test_a_site_refuses_what_makes_no_sense() -> None:
    begin = m.Begin(turn=(0, 0), weights=bytes(16))
    assert fails(Site("optics", BASE, 1, drawer("x"), 4), begin) == "bad_message"
    assert fails(Site("optics", BASE, 1, drawer("x"), 5), m.Welcome(plan=plan(), length=4, site="x")) == "base_differs"
    assert (
        fails(Site("optics", BASE, 1, drawer("x"), 4, wanted="person"), m.Welcome(plan=plan(), length=4, site="x"))
        == "bad_plan"
    )
    assert fails(welcomed(plan()), m.Welcome(plan=plan(rounds=3), length=4, site="x")) == "other_round"
    assert fails(welcomed(plan()), m.Refused(code="too_few_sites", message="no")) == "too_few_sites"
    assert fails(welcomed(plan()), m.Refused(code="?", message="no")) == "bad_message"
    site = welcomed(plan())
    site.receive(begin)
    assert fails(site, m.Post(turn=(0, 0), letters={})) == "bad_message"
    site = welcomed(plan(secure=True))
    [keys] = site.receive(begin)
    assert isinstance(keys, Send)
    assert isinstance(keys.message, m.Keys)
    own = m.Member(10, keys.message.mask, keys.message.seal)
    assert site.receive(m.Ring(turn=(3, 0), members={}, needed=1)) == []
    assert fails(site, m.Ring(turn=(0, 0), members={"heat": own}, needed=1)) == "bad_keys"
    site = welcomed(plan(secure=True))
    site.receive(begin)
    assert fails(site, m.Ring(turn=(0, 0), members={"optics": own, "heat": own}, needed=1)) == "bad_keys"


def test_a_site_whose_learning_failed_says_so() -> None:
    there = world(plan(least=2), lie=lambda site, w: w * np.float32(np.nan) if site == "heat" else w).run()
    assert there.failed["heat"].code == "bad_update"
    assert there.finish is not None
    assert there.notes[-1].sites == ("optics", "sound")


# ------------------------------------------------------------------------------------------------- plans, messages


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"rounds": 0}, "rounds"), ({"sites": 1}, "sites"), ({"least": 4}, "waited for"), ({"steps": 0}, "more than"),
        ({"clip": -1.0}, "less than nothing"), ({"trim": 0.5}, "half"), ({"secure": True, "way": "median"}, "exclude"),
        ({"secure": True, "sites": 2}, "secure sums take 3"), ({"secure": True, "sites": 5}, "half of the sites"),
        ({"way": "trimmed", "sites": 2}, "outlier"), ({"unit": "site", "epsilon": 1.0, "delta": 0.1}, "set clip"),
        ({"unit": "person"}, "epsilon"),
        ({"unit": "person", "epsilon": 1.0, "delta": 0.1, "proximal": 0.1}, "no proximal"),
        ({"unit": "site", "epsilon": 1.0, "delta": 0.1, "clip": 1.0}, "sigma"),
        ({"unit": "site", "epsilon": 1.0, "delta": 0.1, "clip": 1.0, "sigma": 1.0, "way": "median"}, "mean only"),
    ],
)  # fmt: skip
def test_a_plan_that_contradicts_itself(more: dict[str, Any], why: str) -> None:
    with pytest.raises(FederationError, match=why) as wrong:
        check(plan(**more))
    assert wrong.value.code == "bad_plan"


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x81\xa4type\xa4nope", "text", b"\x91" * 5000, m.encode(m.Scored())[:-3]]
)
def test_what_is_no_message(data: bytes | str) -> None:
    for read in (m.from_site, m.from_aggregator):
        with pytest.raises(FederationError) as wrong:
            read(data)
        assert wrong.value.code == "bad_message"


def test_a_code_is_one_of_the_list() -> None:
    assert "bad_plan" in CODES
    with pytest.raises(ValueError, match="no code"):
        FederationError("unheard_of", "?")
