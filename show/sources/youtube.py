"""YouTube's live chat by the official interface (`liveChatMessages.list`), which needs a key and has a quota.

The answer says how long to wait before the next question; what was written in between comes then.
"""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from show.lines import Line, Role, line
from show.sources.mending import Trouble

URL: Final = "https://www.googleapis.com/youtube/v3"
LEAST_S: Final = 2.0  # between two questions, whatever the answer says: the quota is small
MOST_S: Final = 30.0
ANSWER: Final = 4 << 20  # bytes of an answer that are read
PATIENCE: Final = 15.0  # seconds for an answer
_VIDEO: Final = re.compile(r"[\w-]{11}")
_FINAL: Final = {"liveChatEnded", "liveChatDisabled", "liveChatNotFound", "keyInvalid", "forbidden"}


def line_of(item: Mapping[str, Any]) -> Line | None:
    """Return the line of chat in an item of a list, None where there is none."""
    snippet, author = item.get("snippet"), item.get("authorDetails")
    if not isinstance(snippet, dict) or not isinstance(author, dict):
        return None
    text, gift = "", 0.0
    match snippet.get("type"):
        case "textMessageEvent":
            text = _dict(snippet, "textMessageDetails").get("messageText") or snippet.get("displayMessage") or ""
        case "superChatEvent":
            paid = _dict(snippet, "superChatDetails")
            text, gift = paid.get("userComment") or "", _micros(paid)
        case "superStickerEvent":
            gift = _micros(_dict(snippet, "superStickerDetails"))
        case "newSponsorEvent" | "membershipGiftingEvent":
            gift = 5.0
        case "memberMilestoneChatEvent":
            text = _dict(snippet, "memberMilestoneChatDetails").get("userComment") or ""
        case _:
            return None
    return line(
        "youtube", author.get("channelId") or "", author.get("displayName") or "", text, role=_role(author), gift=gift,
        id=item.get("id") or "",
    )  # fmt: skip


def _dict(within: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def _micros(paid: Mapping[str, Any]) -> float:
    amount = str(paid.get("amountMicros", ""))
    return int(amount) / 1e6 if amount.isascii() and amount.isdecimal() and len(amount) < 16 else 0.0


def _role(author: Mapping[str, Any]) -> Role:
    if author.get("isChatOwner") is True:
        return "owner"
    if author.get("isChatModerator") is True:
        return "moderator"
    return "member" if author.get("isChatSponsor") is True else "viewer"


async def chat(video: str, key: str, *, url: str = URL, least: float = LEAST_S) -> AsyncGenerator[Line, None]:
    """Yield what is written beside a live video; Trouble says why it is no more."""
    if not _VIDEO.fullmatch(video):
        raise Trouble("bad_channel", f"{video[:40]!r} is no video of YouTube", final=True)
    if not key:
        raise Trouble("no_key", "YouTube needs a key: set COMPANION_YOUTUBE_KEY", final=True)
    found = await _get(f"{url}/videos", part="liveStreamingDetails", id=video, key=key)
    items = found.get("items")
    details = _dict(items[0], "liveStreamingDetails") if isinstance(items, list) and items else {}
    chat_id = details.get("activeLiveChatId")
    if not isinstance(chat_id, str):
        raise Trouble("no_chat", f"there is no live chat at the video {video}", wait=MOST_S)
    page, first = "", True
    while True:
        asked = {"liveChatId": chat_id, "part": "id,snippet,authorDetails", "maxResults": "500", "key": key}
        answer = await _get(f"{url}/liveChat/messages", **asked, **({"pageToken": page} if page else {}))
        every = answer.get("items")
        # The first answer is what was written before the show.
        for item in every if isinstance(every, list) and not first else ():
            if isinstance(item, dict) and (said := line_of(item)) is not None:
                yield said
        first = False
        page = str(answer.get("nextPageToken") or "")
        wait = answer.get("pollingIntervalMillis")
        await asyncio.sleep(min(MOST_S, max(least, wait / 1000 if isinstance(wait, int | float) else 0.0)))


async def _get(address: str, **query: str) -> Mapping[str, Any]:
    return await asyncio.to_thread(_fetch, f"{address}?{urllib.parse.urlencode(query)}")


def _fetch(address: str) -> Mapping[str, Any]:
    """Return an answer; Trouble without the address, which holds the key."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 - the address is ours
            read = json.loads(answer.read(ANSWER))
    except urllib.error.HTTPError as error:
        reason = _reason(error.read(ANSWER))
        wait = 600.0 if reason in ("quotaExceeded", "rateLimitExceeded") else 0.0
        told = f"YouTube refuses with {error.code} {reason}"
        raise Trouble("source_refused", told, final=reason in _FINAL, wait=wait) from None
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        raise Trouble("source_unreachable", f"YouTube cannot be asked: {type(error).__name__}") from None
    return read if isinstance(read, dict) else {}


def _reason(body: bytes) -> str:
    try:
        told = json.loads(body)["error"]
        return str(told["errors"][0]["reason"])[:40]
    except (ValueError, KeyError, TypeError, IndexError):
        return ""
