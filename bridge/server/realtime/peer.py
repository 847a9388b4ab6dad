"""A call: one WebRTC connection by aiortc, with a data channel for events and a track of sound each way.

aiortc is imported when the first call is offered. The track's clock counts samples from the call's beginning, 20 ms at
a time; what the speaker has for each piece is told as the piece leaves.
"""

from __future__ import annotations

import asyncio
import fractions
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, Final

from bridge.errors import BridgeError
from bridge.realtime.refused import Refused
from bridge.realtime.settings import RATES
from bridge.realtime.speaker import TICKS, Due
from bridge.server.realtime.pipe import Gone
from bridge.setup.sections import WebrtcSection

log = logging.getLogger("bridge.server.realtime.peer")

CHANNEL: Final = "oai-events"
RATE: Final = RATES["pcm16"]
PIECE: Final = RATE // 50  # samples: 20 ms
PACKET: Final = PIECE * TICKS  # ticks of the RTP clock
OPUS_DELAY: Final = 312  # ticks by which the decoder's sound is behind the packets' clock (RFC 7845, 4.2)
WAITING: Final = 64  # events of a client that were not read yet
LATE: Final = 0.5  # seconds that the track may fall behind before it goes on from now


def needed() -> Any:
    """Return the aiortc package; BridgeError `webrtc_missing` says how to get it."""
    try:
        import aiortc
    except ModuleNotFoundError as error:
        sentence = "calls over WebRTC need the extra webrtc: pip install 'companion-bridge[webrtc]'"
        raise BridgeError("webrtc_missing", sentence) from error
    return aiortc


class Peer:
    """One connection, as the pipe of a call; `pull` gives the next samples to be heard and what is due with them."""

    def __init__(self, section: WebrtcSection, *, loopback: bool) -> None:
        aiortc = needed()
        servers = [
            aiortc.RTCIceServer(urls, section.ice_username or None, section.ice_credential or None)
            for urls in section.ice_servers
        ]
        self._aiortc = aiortc
        # Without a list the library would ask a public server of somebody else's.
        self._connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=servers))
        self._addresses = section.addresses or (("127.0.0.1",) if loopback else ())
        self._sender: Any = None
        self._channel: Any = None
        self._opened = asyncio.Event()
        self._gone = asyncio.Event()
        self._events: asyncio.Queue[str | bytes] = asyncio.Queue(WAITING)
        self._heard: Any = None  # the client's track
        self._connection.on("datachannel", self._taken)
        self._connection.on("connectionstatechange", self._changed)

    async def answer(self, sdp: str, pull: Callable[[int], tuple[bytes, list[Due]]], due: Callable[..., None]) -> str:
        """Return the SDP answer to an offer; Refused when there can be none."""
        connection = self._connection
        try:
            await connection.setRemoteDescription(self._aiortc.RTCSessionDescription(sdp, "offer"))
            self._check()
            self._restrict()
            self._sender = connection.addTrack(_track(pull, due, self._origin))
            await connection.setLocalDescription(await connection.createAnswer())
        except Refused:
            raise
        except Exception as error:  # whatever the library's parser runs into in what somebody sent
            log.info("no answer to an offer", extra={"error": type(error).__name__})
            raise Refused("invalid_sdp", "there is no answer to this offer", "sdp") from error
        return str(connection.localDescription.sdp)

    def _check(self) -> None:
        kinds = [transceiver.kind for transceiver in self._connection.getTransceivers()]
        if kinds != ["audio"] or self._connection.sctp is None:
            sentence = f"an offer has one line of audio, no video, and the data channel {CHANNEL}"
            raise Refused("invalid_sdp", sentence, "sdp")
        (transceiver,) = self._connection.getTransceivers()
        codecs = self._aiortc.RTCRtpSender.getCapabilities("audio").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "audio/opus"])
        self._heard = transceiver.receiver.track

    def _restrict(self) -> None:
        """Offer only the addresses that are configured; the library knows no such setting."""
        if not self._addresses:
            return
        transports = {self._connection.sctp.transport.transport}
        transports |= {each.sender.transport.transport for each in self._connection.getTransceivers()}
        for transport in transports:
            gathering = transport.iceGatherer._connection
            found = partial(_only, gathering.get_component_candidates, self._addresses)
            gathering.get_component_candidates = found

    def _origin(self) -> int | None:
        """Return the RTP timestamp of the track's first sample as it is heard, once a packet has left."""
        # The library draws it by chance and does not tell: it is what its last packet says, less what it has sent.
        last = getattr(self._sender, "_RTCRtpSender__rtp_timestamp", 0)
        sent = getattr(self._sender, "_RTCRtpSender__packet_count", 0)
        return int(last) - PACKET * (int(sent) - 1) + OPUS_DELAY if sent else None

    # ------------------------------------------------------------------------------------------------------- sound

    async def sounds(self) -> AsyncIterator[bytes]:
        """Yield what the client's track brings, s16le at 24 kHz, until it ends."""
        from av import AudioResampler

        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        while True:
            try:
                frame = await self._heard.recv()
            except self._aiortc.mediastreams.MediaStreamError:
                return
            for piece in resampler.resample(frame):
                yield bytes(piece.planes[0])[: 2 * piece.samples]

    # ------------------------------------------------------------------------------------------------------ as a pipe

    @property
    def waiting(self) -> int:
        """Return the bytes that the data channel holds."""
        return int(self._channel.bufferedAmount) if self._channel is not None else 0

    async def recv(self) -> str | bytes:
        """Return the next event of the client's."""
        event: str | bytes = await self._unless_gone(self._events.get())
        return event

    async def send(self, text: str) -> None:
        """Send an event, the first once the channel is open."""
        await self._unless_gone(self._opened.wait())
        try:
            self._channel.send(text)
        except (self._aiortc.exceptions.InvalidStateError, ConnectionError, ValueError) as error:
            raise Gone from error

    async def close(self, code: int, reason: str) -> None:
        """Close the connection: a call has no codes, its last event says why."""
        self._gone.set()
        await self._connection.close()

    def abort(self) -> None:
        """Have it end without another word."""
        self._gone.set()

    async def connected(self) -> None:
        """Wait until the client's channel is open; raise Gone if it never will be."""
        await self._unless_gone(self._opened.wait())

    async def _unless_gone(self, wanted: Any) -> Any:
        asked, gone = asyncio.ensure_future(wanted), asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise Gone
            return asked.result()
        finally:
            asked.cancel()
            gone.cancel()

    def _taken(self, channel: Any) -> None:
        if channel.label != CHANNEL or self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._said)
        channel.on("close", self._gone.set)
        self._opened.set()

    def _said(self, message: str | bytes) -> None:
        try:
            self._events.put_nowait(message)
        except asyncio.QueueFull:
            self._gone.set()  # nobody sends so many before one is read

    def _changed(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self._gone.set()


async def _only(gather: Callable[..., Any], offered: Sequence[str], component: int, addresses: Sequence[str]) -> Any:
    return await gather(component=component, addresses=list(offered))


def _track(
    pull: Callable[[int], tuple[bytes, list[Due]]], due: Callable[..., None], origin: Callable[[], int | None]
) -> Any:
    from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
    from av import AudioFrame

    class Track(MediaStreamTrack):
        """What the companion says, at the loop's time."""

        kind = "audio"

        def __init__(self) -> None:
            super().__init__()
            self._began = 0.0
            self._pieces = 0

        async def recv(self) -> Any:
            """Return the next 20 ms when it is time for them."""
            if self.readyState != "live":
                raise MediaStreamError
            loop = asyncio.get_running_loop()
            wait = self._began + self._pieces / 50 - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            elif -wait > LATE:
                self._began = loop.time() - self._pieces / 50
            pcm, events = pull(PIECE)
            frame = AudioFrame(format="s16", layout="mono", samples=PIECE)
            frame.planes[0].update(pcm)
            frame.pts, frame.sample_rate, frame.time_base = self._pieces * PIECE, RATE, fractions.Fraction(1, RATE)
            self._pieces += 1
            if events:
                due(events, origin())
            return frame

    return Track()
