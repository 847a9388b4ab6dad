"""A site's half of a secure sum: what it shows of its update cannot be told from chance, and the sum comes out right.

After Bonawitz et al. 2017, "Practical Secure Aggregation": pairwise masks that cancel, a mask of each site's own, and
shares of both secrets so that the others can mend the sum when somebody falls out. The aggregator is taken to run the
protocol, and to be curious. Against one that lies a site has three defences: more than half must agree before anything
is unmasked, it never tells both secrets of anybody, and with a circle's secret nobody can slip in keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from training.federate import shamir
from training.federate.errors import FederationError
from training.federate.keys import KEY, agreed, mask, opened, proof, public, seal
from training.federate.messages import Keys, Letters, Member, Reveal, Turn
from training.federate.ring import Ring

Draw: TypeAlias = Callable[[int], bytes]  # so many random bytes that nobody can guess


@dataclass(slots=True)
class Masked:
    """One try of one site. `draw` gives its secrets; `circle` is the secret of all sites, b"" for none."""

    site: str
    turn: Turn
    lines: int
    draw: Draw
    circle: bytes = b""
    _mask: bytes = b""
    _letter: bytes = b""
    _seed: bytes = b""
    _members: dict[str, Member] = field(default_factory=dict)
    _needed: int = 0
    _shares: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    _revealed: bool = False

    def __post_init__(self) -> None:
        """Draw the secrets of this try."""
        self._mask, self._letter, self._seed = (self.draw(KEY) for _ in range(3))

    def keys(self) -> Keys:
        """Show the public keys."""
        shown = Member(lines=self.lines, mask=public(self._mask), seal=public(self._letter))
        signed = proof(self.circle, _told(self.turn, self.site, shown)) if self.circle else b""
        return Keys(turn=self.turn, mask=shown.mask, seal=shown.seal, proof=signed)

    def letters(self, members: Mapping[str, Member], needed: int) -> Letters:
        """Share the secrets among the members; `bad_keys` when keys are not what they should be."""
        own = members.get(self.site)
        if own is None or own.mask != public(self._mask) or own.seal != public(self._letter):
            raise FederationError("bad_keys", "the aggregator shows other keys for this site than it has")
        if not len(members) // 2 < needed <= len(members):
            raise FederationError("bad_keys", "the aggregator would unmask with half of the sites or fewer")
        for site, member in members.items():
            if self.circle and member.proof != proof(self.circle, _told(self.turn, site, member)):
                raise FederationError("bad_keys", f"the keys of {site} are not signed with the circle's secret")
        self._members, self._needed = dict(members), needed
        names = sorted(members)
        keys, seeds = (shamir.split(secret, len(names), needed, self.draw) for secret in (self._mask, self._seed))
        written = {}
        for name, key, seed in zip(names, keys, seeds, strict=True):
            if name == self.site:
                self._shares[name] = (key, seed)
            else:
                written[name] = seal(self._between(self.site, name), key + seed)
        return Letters(turn=self.turn, letters=written)

    def receive(self, letters: Mapping[str, bytes]) -> None:
        """Open what the others have written; `bad_share` when a letter was changed or too few have come."""
        for name, sealed in letters.items():
            if name not in self._members or name == self.site:
                raise FederationError("bad_share", f"a letter came from {name}, who is not in this round")
            letter = opened(self._between(name, self.site), sealed)
            if len(letter) != 2 * shamir.SHARE:
                raise FederationError("bad_share", f"the letter of {name} has the wrong length")
            self._shares[name] = (letter[: shamir.SHARE], letter[shamir.SHARE :])
        if len(self._shares) < self._needed:
            raise FederationError("too_few_sites", f"{len(self._shares)} sites are left, {self._needed} are needed")

    @property
    def weight(self) -> float:
        """Return this site's part of the mean: its lines among those of all who will mask."""
        return self.lines / sum(self._members[name].lines for name in self._shares)

    @property
    def company(self) -> int:
        """Return how many sites mask together."""
        return len(self._shares)

    @property
    def needed(self) -> int:
        """Return how many sites at least will be in the sum."""
        return self._needed

    def hide(self, numbers: Ring) -> Ring:
        """Return the numbers under the site's own mask and one for each pair."""
        hidden = numbers + mask(self._seed, len(numbers))
        for other in self._shares:
            if other != self.site:
                between = pair_mask(self._mask, self._members[other].mask, self.turn, len(numbers))
                hidden = hidden + between if self.site < other else hidden - between
        return hidden

    def reveal(self, survivors: list[str]) -> Reveal:
        """Tell shares of the survivors' seeds and of the others' keys, once; `told_twice` or `too_few_sites`."""
        if self._revealed:
            raise FederationError("told_twice", "the aggregator asks a second time which masks to take off")
        alive = set(survivors)
        if self.site not in alive or not alive <= self._shares.keys() or len(alive) < self._needed:
            raise FederationError("too_few_sites", "fewer sites have sent an update than may be unmasked")
        self._revealed = True
        return Reveal(
            turn=self.turn,
            seeds={name: seed for name, (_, seed) in self._shares.items() if name in alive},
            keys={name: key for name, (key, _) in self._shares.items() if name not in alive},
        )

    def _between(self, writer: str, reader: str) -> bytes:
        """Return the key of letters from one to another."""
        other = self._members[reader if writer == self.site else writer]
        return agreed(self._letter, other.seal, f"letter {self.turn} {writer} {reader}")


def pair_mask(secret: bytes, other: bytes, turn: Turn, length: int) -> Ring:
    """Return the mask that two sites share, from the secret key of either and the public one of the other."""
    return mask(agreed(secret, other, f"mask {turn}"), length)


def _told(turn: Turn, site: str, member: Member) -> bytes:
    return repr((tuple(turn), site, member.lines, member.mask, member.seal)).encode()
