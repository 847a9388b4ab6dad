"""The aggregator's half of a secure sum: takes the masks off a sum, never off one update."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.federate import shamir
from training.federate.errors import FederationError
from training.federate.keys import mask, public
from training.federate.masked import pair_mask
from training.federate.messages import Member, Reveal, Turn
from training.federate.ring import Ring


def unmasked(
    hidden: Mapping[str, Ring],
    sharers: Mapping[str, Member],
    reveals: Mapping[str, Reveal],
    order: list[str],
    turn: Turn,
    needed: int,
) -> Ring:
    """Return the sum of the updates whose masked form is `hidden`.

    `sharers` are all who have shared their secrets, with or without an update; `order` is everybody that shares were
    cut for, sorted, which says whose share is whose. `too_few_sites` with fewer reveals than `needed`; `bad_share` when
    what comes back is not the secret that was shared.
    """
    if len(reveals) < needed:
        raise FederationError("too_few_sites", f"{len(reveals)} sites help to unmask, {needed} are needed")
    length = len(next(iter(hidden.values())))
    total = np.zeros(length, np.uint32)
    for numbers in hidden.values():
        total += numbers
    places = {name: order.index(name) + 1 for name in order}
    for name in hidden:
        total -= mask(_joined({places[by]: told.seeds.get(name) for by, told in reveals.items()}, needed), length)
    for lost in sharers.keys() - hidden.keys():
        secret = _joined({places[by]: told.keys.get(lost) for by, told in reveals.items()}, needed)
        if public(secret) != sharers[lost].mask:
            raise FederationError("bad_share", f"the shares of {lost}'s key do not give its key")
        for name in hidden:
            between = pair_mask(secret, sharers[name].mask, turn, length)
            # What `name` has added for `lost` is taken off, what it has subtracted is added.
            total = total - between if name < lost else total + between
    return total


def _joined(shares: Mapping[int, bytes | None], needed: int) -> bytes:
    given = {place: share for place, share in shares.items() if share is not None}
    if len(given) < needed:
        raise FederationError("too_few_sites", f"{len(given)} shares of a secret have come, {needed} are needed")
    return shamir.join(dict(sorted(given.items())[:needed]))
