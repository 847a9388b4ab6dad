"""The law of the decoder: a message or a RemoteProtocolError, never anything else."""

from __future__ import annotations

import random

import pytest

from protocol.codec import CLIENT_TYPES, JSON, MSGPACK, SERVER_TYPES, Codec, Wire
from protocol.errors import RemoteProtocolError
from protocol.vectors import CLIENT, SERVER, expected

FILES = expected()
ROUNDS = 6_000
MARKERS = bytes([0x80, 0x90, 0xA0, 0xC0, 0xC1, 0xC4, 0xC7, 0xCA, 0xCB, 0xCF, 0xD3, 0xD6, 0xDC, 0xDD, 0xDE, 0xDF, 0xFF])
SYNTAX = b'{}[]",:\\0123456789.eE+-truefalsn\x00\xff\xed\xa0\x80'


def mutate(data: bytes, dice: random.Random, alphabet: bytes) -> bytes:
    """A few wounds: bits flipped, bytes replaced, cut out, repeated or moved."""
    wounded = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(wounded) + 1)
        match dice.randrange(7):
            case 0 if at < len(wounded):
                wounded[at] ^= 1 << dice.randrange(8)
            case 1 if at < len(wounded):
                wounded[at] = dice.choice(alphabet)
            case 2:
                wounded[at:at] = bytes(dice.choice(alphabet) for _ in range(dice.randint(1, 4)))
            case 3:
                del wounded[at : at + dice.randint(1, 8)]
            case 4:
                piece = wounded[at : at + dice.randint(1, 16)]
                wounded[at:at] = piece * dice.randint(1, 50)
            case 5:
                del wounded[at:]
            case _:
                other = dice.choice(list(FILES.values()))
                wounded[at:at] = other[: dice.randrange(len(other))]
    return bytes(wounded)


def try_it(codec: Codec, data: Wire, seen: dict[str, int]) -> None:
    for decode, types in ((codec.decode_client, CLIENT_TYPES), (codec.decode_server, SERVER_TYPES)):
        outcome = "message"
        try:
            message = decode(data)
        except RemoteProtocolError as error:
            outcome = error.code
        else:
            assert str(message.__struct_config__.tag) in types
            codec.encode(message)
        assert outcome in ("message", "bad_message", "unknown_type")
        seen[outcome] = seen.get(outcome, 0) + 1


@pytest.mark.parametrize("seed", [1, 2])
def test_wounded_messagepack(seed: int) -> None:
    dice, seen = random.Random(seed), dict[str, int]()
    vectors = [data for name, data in FILES.items() if name.endswith(".msgpack")]
    for _ in range(ROUNDS):
        try_it(MSGPACK, mutate(dice.choice(vectors), dice, MARKERS), seen)
    assert seen["message"] > ROUNDS // 100
    assert seen["bad_message"] > ROUNDS // 2
    assert seen["unknown_type"] > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_wounded_json(seed: int) -> None:
    dice, seen = random.Random(seed), dict[str, int]()
    vectors = [data for name, data in FILES.items() if name.endswith(".json")]
    for _ in range(ROUNDS):
        wounded = mutate(dice.choice(vectors), dice, SYNTAX)
        try_it(JSON, wounded, seen)
        try_it(JSON, wounded.decode("utf-8", "replace"), seen)
    assert seen["message"] > ROUNDS // 100
    assert seen["bad_message"] > ROUNDS // 2
    assert seen["unknown_type"] > 0


def test_random_bytes() -> None:
    dice, seen = random.Random(3), dict[str, int]()
    for _ in range(ROUNDS):
        noise = dice.randbytes(dice.randrange(64))
        try_it(MSGPACK, noise, seen)
        try_it(JSON, noise, seen)
        try_it(MSGPACK, b"\x82\xa4type" + noise, seen)
        try_it(MSGPACK, noise.decode("latin-1"), seen)
    assert set(seen) <= {"bad_message", "unknown_type", "message"}


def test_the_wounds_start_from_good_messages() -> None:
    for name in CLIENT:
        MSGPACK.decode_client(FILES[f"{name}.msgpack"])
    for name in SERVER:
        MSGPACK.decode_server(FILES[f"{name}.msgpack"])
