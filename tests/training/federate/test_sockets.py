"""Federations over real sockets: in one process, and once with each site in a process of its own."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from testkit.patience import PATIENCE
from tests.training.federate.at_site import Straight
from tests.training.federate.test_rounds import CENTRES, data, plan, world
from tests.training.federate.world import BASE
from training.federate import messages as m
from training.federate.actions import Finish
from training.federate.aggregator import Aggregator
from training.federate.errors import FederationError
from training.federate.join import Guest, Way
from training.federate.plan import Plan
from training.federate.record import STATE, Record
from training.federate.ring import Vector
from training.federate.serve import Door, Host

ZEROS = np.zeros(4, np.float32)


def anybody(_: str) -> str:
    return ""


async def hosted(
    agreed: Plan,
    folder: Path,
    come: Callable[[str], Any],
    *,
    admit: Callable[[str], str] = anybody,
    tls: ssl.SSLContext | None = None,
) -> Finish:
    """Serve a federation while `come(url)` visits it; return what was learnt."""
    listening = asyncio.Event()
    ports: list[int] = []

    def ready(port: int) -> None:
        ports.append(port)
        listening.set()

    record = Record(folder)
    rounds, weights = record.resume(agreed, BASE, ZEROS)
    hub = Aggregator(agreed, BASE, weights, rounds=rounds)
    host = Host(hub, BASE, Door("127.0.0.1", 0, admit, tls), record, ready=ready)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(host.run())
        await listening.wait()
        await come(f"{'wss' if tls else 'ws'}://127.0.0.1:{ports[0]}")
        return await serving


async def three(url: str, **tokens: str) -> list[Vector]:
    guests = [Guest(name, Straight(n), Way(url, tokens.get(name, ""))) for n, name in enumerate(CENTRES)]
    return list(await asyncio.gather(*(guest.run() for guest in guests)))


@pytest.mark.parametrize("secure", [False, True])
def test_over_sockets_it_comes_to_the_same_and_is_written_down(tmp_path: Path, secure: bool) -> None:
    agreed = plan(secure=secure, rounds=4)
    seen: list[Vector] = []

    async def come(url: str) -> None:
        seen.extend(await three(url))

    finish = asyncio.run(hosted(agreed, tmp_path, come))
    calm = world(agreed).run().finish
    assert calm is not None
    assert np.allclose(finish.weights, calm.weights, atol=1e-6)
    assert all(np.array_equal(finish.weights, weights) for weights in seen)
    assert set(finish.scores) == set(CENTRES)
    rows: list[Any] = Record(tmp_path).rounds()
    assert [row["round"] for row in rows] == [1, 2, 3, 4]
    for row in rows:
        assert row["sites"] == sorted(CENTRES)
        assert set(row["sent"]) == set(row["received"]) == set(CENTRES)
        assert all(0 < size < 4000 for size in (*row["sent"].values(), *row["received"].values()))


def test_a_run_goes_on_where_its_record_ends(tmp_path: Path) -> None:
    agreed = plan(rounds=6)
    whole = world(agreed).run()
    tmp_path.joinpath("x").mkdir()
    Record(tmp_path / "x").keep(agreed, BASE, 3, whole.kept[2].weights)
    finish = asyncio.run(hosted(agreed, tmp_path / "x", three))
    assert whole.finish is not None
    assert np.allclose(finish.weights, whole.finish.weights, atol=1e-6)
    assert [row["round"] for row in Record(tmp_path / "x").rounds()] == [4, 5, 6]


def test_a_record_of_something_else(tmp_path: Path) -> None:
    record = Record(tmp_path)
    assert record.resume(plan(), BASE, ZEROS)[0] == 0
    assert record.resume(plan(), BASE, ZEROS)[0] == 0
    for other in ((plan(rounds=2), BASE, ZEROS), (plan(), "c" * 64, ZEROS), (plan(), BASE, np.zeros(5, np.float32))):
        with pytest.raises(FederationError) as wrong:
            record.resume(*other)
        assert wrong.value.code == "other_round"
    (tmp_path / STATE).write_bytes(b"\xc1")
    with pytest.raises(FederationError, match="cannot be read"):
        record.resume(plan(), BASE, ZEROS)


def test_tokens_say_who_comes_in(tmp_path: Path) -> None:
    tokens = {name: f"token-of-{name}" for name in CENTRES}

    def admit(token: str) -> str:
        for name, known in tokens.items():
            if token == known:
                return name
        raise FederationError("unauthorized", "this federation asks for a token")

    async def come(url: str) -> None:
        with pytest.raises(FederationError, match="asks for a token") as wrong:
            await Guest("heat", Straight(0), Way(url)).run()
        assert wrong.value.code == "unauthorized"
        with pytest.raises(FederationError, match="is for the site optics, not for heat"):
            await Guest("heat", Straight(0), Way(url, tokens["optics"])).run()
        with pytest.raises(InvalidStatus):
            await connect(f"{url}/elsewhere", proxy=None)
        await three(url, **tokens)

    assert set(asyncio.run(hosted(plan(rounds=1), tmp_path, come, admit=admit)).scores) == set(CENTRES)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate of this machine; return the context that shows it and the one that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lead")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "lead.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(file)
    trusts = ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())
    return shows, trusts


def test_over_tls_and_only_for_who_trusts_the_certificate(tmp_path: Path) -> None:
    shows, trusts = certificate(tmp_path)

    async def come(url: str) -> None:
        doubting = Way(url, tls=ssl.create_default_context(), pauses=())
        with pytest.raises(FederationError, match="cannot be reached"):
            await Guest("heat", Straight(0), doubting).run()
        guests = [Guest(name, Straight(n), Way(url, tls=trusts)) for n, name in enumerate(CENTRES)]
        await asyncio.gather(*(guest.run() for guest in guests))

    finish = asyncio.run(hosted(plan(rounds=1, secure=True), tmp_path / "run", come, tls=shows))
    assert set(finish.scores) == set(CENTRES)


def test_strangers_and_nonsense_do_not_disturb(tmp_path: Path) -> None:
    async def come(url: str) -> None:
        for first in (b"nonsense", m.encode(m.Scored()), m.encode(m.Join(version=1, site="x", base="c" * 64, lines=1))):
            async with connect(f"{url}/federate", proxy=None, subprotocols=[m.SUBPROTOCOL]) as line:  # type: ignore[list-item]
                await line.send(first)
                answers = [m.from_aggregator(data) async for data in line]
                assert isinstance(answers[-1], m.Refused)
        async with connect(f"{url}/federate", proxy=None, subprotocols=[m.SUBPROTOCOL]) as line:  # type: ignore[list-item]
            join = m.encode(m.Join(version=1, site="y", base=BASE, lines=1))
            await line.send(join)
            await line.send(join)
            last = [m.from_aggregator(data) async for data in line][-1]
            assert isinstance(last, m.Refused)
            assert "joins once" in last.message
        await three(url)

    finish = asyncio.run(hosted(plan(rounds=2, grace_s=0.05), tmp_path, come))
    assert set(finish.scores) == set(CENTRES)


def test_a_site_that_cannot_get_through_says_so() -> None:
    async def visit(url: str) -> None:
        await Guest("heat", Straight(0), Way(url, pauses=(0.01,))).run()

    for url, why in (("ws://127.0.0.1:9", "cannot be reached"), ("http://x", "no federation")):
        with pytest.raises(FederationError, match=why) as wrong:
            asyncio.run(visit(url))
        assert wrong.value.code == "unreachable"


def test_too_few_sites_end_it_for_all(tmp_path: Path) -> None:
    class Failing(Straight):
        def learn(self, weights: Vector, round_: int) -> Any:
            raise RuntimeError("no disk")

    told: list[str] = []

    async def come(url: str) -> None:
        async def one(name: str, learner: Straight) -> None:
            try:
                await Guest(name, learner, Way(url)).run()
            except (FederationError, RuntimeError) as error:
                told.append(getattr(error, "code", str(error)))

        await asyncio.gather(one("a", Straight(0)), one("b", Failing(1)), one("c", Failing(2)))

    with pytest.raises(ExceptionGroup) as wrong:
        asyncio.run(hosted(plan(rounds=1, grace_s=0.01, learn_s=0.3), tmp_path, come))
    assert [getattr(error, "code", error) for error in wrong.value.exceptions] == ["too_few_sites"]
    assert sorted(told) == ["no disk", "no disk", "too_few_sites"]


def test_a_connection_that_breaks_while_learning_costs_nothing(tmp_path: Path) -> None:
    agreed = plan(rounds=2, least=3, secure=True)

    async def come(url: str) -> None:
        loop = asyncio.get_running_loop()
        slipping = Straight(1)
        guest = Guest("sound", slipping, Way(url, pauses=(0.01,) * 50))

        def slip(round_: int) -> None:
            assert guest._connection is not None
            loop.call_soon_threadsafe(guest._connection.transport.abort)

        slipping.before_round = slip
        others = [Guest(name, Straight(n), Way(url)) for n, name in enumerate(CENTRES) if name != "sound"]
        await asyncio.gather(guest.run(), *(other.run() for other in others))

    finish = asyncio.run(hosted(agreed, tmp_path, come))
    calm = world(agreed).run().finish
    assert calm is not None
    assert np.allclose(finish.weights, calm.weights, atol=1e-6)
    assert [row["tries"] for row in Record(tmp_path).rounds()] == [0, 0]


def test_three_processes_of_which_one_dies_in_the_middle_of_a_secure_sum(tmp_path: Path) -> None:
    agreed = plan(rounds=3, secure=True, grace_s=0.2)

    async def start(url: str, name: str, *more: str) -> asyncio.subprocess.Process:
        number = str(CENTRES.index(name))
        command = ("-m", "tests.training.federate.at_site", url, name, number, *more)
        return await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)

    told: dict[str, str] = {}

    async def come(url: str) -> None:
        sites = {
            "optics": await start(url, "optics"), "sound": await start(url, "sound"),
            "heat": await start(url, "heat", "die"),
        }  # fmt: skip
        assert await sites["heat"].wait() == 9
        del sites["heat"]
        for name, site in sites.items():
            told[name] = (await site.communicate())[0].decode().strip()

    finish = asyncio.run(hosted(agreed, tmp_path, come))
    assert {told["optics"], told["sound"]} == {finish.weights.tobytes().hex()}
    rows: list[Any] = Record(tmp_path).rounds()
    assert [(len(row["sites"]), row["lost"], row["tries"]) for row in rows] == [
        (3, [], 0), (2, ["heat"], 0), (2, [], 0),
    ]  # fmt: skip
    assert max(lines.loss(finish.weights) for lines in data().values()) < 0.1
