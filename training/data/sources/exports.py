"""Exports of chat programs as what was said: Discord, Telegram, WeChat. Pure; no program is asked for anything."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from training.data.sources.talk import Said

# "2024-05-01 12:30:45 Name", or the name first; what is said follows on the next lines.
_STAMP: Final = r"(\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?[ T]\d{1,2}:\d{2}(?::\d{2})?)"
HEAD: Final = re.compile(rf"^(?:{_STAMP}\s+(\S.*?)|(\S.*?)\s+{_STAMP})\s*$")
WECHAT_TEXT: Final = "1"  # of the column Type
CONTENT: Final = ("StrContent", "content", "Content", "msg", "Message")
SENDER: Final = ("NickName", "Remark", "Sender", "talker", "sender", "from")


def discord(value: Mapping[str, Any]) -> list[Said]:
    """Read the JSON of DiscordChatExporter: messages of people and bots, without calls, pins and the like."""
    said = []
    for each in value["messages"]:
        if not isinstance(each, dict) or each.get("type") not in ("Default", "Reply", None):
            continue
        author = each.get("author")
        author = author if isinstance(author, dict) else {}
        name = str(author.get("nickname") or author.get("name") or author.get("id") or "")
        said.append(Said(name, str(each.get("content") or ""), _time(each.get("timestamp"))))
    return said


def telegram(value: Mapping[str, Any]) -> list[list[Said]]:
    """Read result.json of Telegram Desktop: one chat, or all of them."""
    chats = value["chats"]["list"] if isinstance(value.get("chats"), dict) else [value]
    return [[_telegram(each) for each in chat.get("messages", ()) if _is_said(each)] for chat in chats]


def is_discord(value: Any) -> bool:
    """Say whether a JSON value is DiscordChatExporter's."""
    return isinstance(value, dict) and "channel" in value and isinstance(value.get("messages"), list)


def is_telegram(value: Any) -> bool:
    """Say whether a JSON value is Telegram Desktop's."""
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("chats"), dict) and isinstance(value["chats"].get("list"), list):
        return True
    return isinstance(value.get("messages"), list) and str(value.get("type", "")).endswith(
        ("chat", "group", "supergroup", "channel", "messages")
    )


def wechat_table(text: str) -> list[Said] | None:
    """Read a table as WeChat's exporters write it (IsSender, Type, StrContent ...); None when it is none."""
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = set(rows[0]) if rows else set()
    content = next((name for name in CONTENT if name in columns), "")
    if not content or not columns & {"IsSender", *SENDER}:
        return None
    said = []
    for row in rows:
        if row.get("Type", WECHAT_TEXT) not in (WECHAT_TEXT, "文本", "text"):
            continue
        name = next((row[key] for key in SENDER if row.get(key)), "")
        if row.get("IsSender") == "1":
            name = "me"
        said.append(Said(str(name), str(row.get(content) or ""), _time(row.get("CreateTime") or row.get("StrTime"))))
    return said


def wechat_text(text: str) -> list[Said] | None:
    """Read a text of heads ("2024-05-01 12:30:45 Name") and what was said under each; None when there are no heads."""
    said: list[tuple[str, float | None, list[str]]] = []
    for line in text.split("\n"):
        if head := HEAD.match(line):
            stamp, name = (head[1], head[2]) if head[1] else (head[4], head[3])
            said.append((name.strip(), _time(re.sub("[年月]", "-", stamp).replace("日", "")), []))
        elif said:
            said[-1][2].append(line)
    return [Said(name, "\n".join(lines).strip(), at) for name, at, lines in said] if len(said) > 1 else None


def _is_said(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "message" and not value.get("forwarded_from")


def _telegram(value: Mapping[str, Any]) -> Said:
    text = value.get("text", "")
    if isinstance(text, list):
        text = "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in text)
    at = value.get("date_unixtime") or value.get("date")
    return Said(str(value.get("from") or value.get("from_id") or ""), str(text), _time(at))


def _time(value: Any) -> float | None:
    """Return seconds for a number or a time of ISO 8601 ("/" allowed), None for what is neither."""
    text = str(value or "").strip().replace("/", "-")
    try:
        return float(text)
    except ValueError:
        pass
    try:
        parts = re.sub(r"\b(\d)\b", r"0\1", text)
        return datetime.fromisoformat(parts).timestamp() if "+" in parts or parts.endswith("Z") else _naive(parts)
    except ValueError:
        return None


def _naive(text: str) -> float:
    """Return seconds of a time without a zone, as if it were everywhere the same."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - differences only
