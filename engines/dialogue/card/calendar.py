"""The time and the day in words. It knows the tables of a language, no clock."""

from __future__ import annotations

from datetime import datetime

from engines.dialogue.card.language import Language


def clock(now: datetime, language: Language) -> str:
    """Say the time of day in words, to five minutes."""
    calendar = language.calendar
    hours, minutes, parts = calendar.get("hours", ()), calendar.get("minutes", ()), calendar.get("parts", ())
    if len(hours) < 12 or len(minutes) < 12 or len(parts) < 4:
        digital = calendar.get("digital", ("{h}:{m}",))[0]
        return digital.replace("{h}", f"{now:%H}".lstrip("0") or "0").replace("{m}", f"{now:%M}")
    fives = (now.minute + 2) // 5
    hour = now.hour + fives // 12
    text = minutes[fives % 12].replace("{hour}", hours[hour % 12]).replace("{next}", hours[(hour + 1) % 12])
    part = 0 if now.hour < 5 or now.hour >= 22 else 1 if now.hour < 12 else 2 if now.hour < 18 else 3
    return calendar.get("clock", ("{text} {part}",))[0].replace("{text}", text).replace("{part}", parts[part])


def date(now: datetime, language: Language) -> str:
    """Say the day in words."""
    calendar = language.calendar
    weekdays, months, days = calendar.get("weekdays", ()), calendar.get("months", ()), calendar.get("days", ())
    if len(weekdays) < 7 or len(months) < 12:
        return f"{now:%Y-%m-%d}"
    day = days[now.day - 1] if len(days) >= 31 else str(now.day)
    text = calendar.get("date", ("{weekday}, {day} {month}",))[0]
    named = text.replace("{weekday}", weekdays[now.weekday()]).replace("{month}", months[now.month - 1])
    return named.replace("{day}", day)
