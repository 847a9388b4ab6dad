"""How much personal data the scrubber finds, by kind: `python -m bench.scrub [--sentences 1000] [--model NAME]`.

Sentences are generated from a seed: the values by Faker in English (American, British) and Chinese, which knows nothing
of the scrubber, the words around them by the templates of this file; a third of all sentences holds nothing personal,
but what looks like it. A place counts as found when it is covered whole, and as wrong when nothing of it is personal.
With `--model` names are also looked for by Presidio with that spaCy model, in English, side by side.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from faker import Faker

from bench.stats import table
from engines.personal.kinds import KINDS, Found, Kind
from engines.personal.presidio import presidio
from engines.personal.scrub import Ledger, Scrubber

LOCALES = ("en_US", "en_GB", "zh_CN")
ENGLISH: dict[Kind, tuple[str, ...]] = {
    "person": (
        "Yesterday {} came by and stayed for tea.", "I have to call {} before noon.", "The lesson was given by {}.",
        "Hello, my name is {} and I have a question.", "Dr. {} said that it would pass.",
        "Ask {}, who knows the place.",
        "{} and I went to school together.", "It was signed by {} in the morning.",
    ),
    "email": ("Write to {} if you can.", "My address is {}, I read it each evening.", "({})", "Mail: {}"),
    "phone": ("You reach me at {}.", "Her number is {}, call after six.", "Tel. {}", "Text {} when you are there."),
    "url": ("All of it is at {}.", "Look at {}, please.", "The photos ({}) are from May."),
    "ip": ("The log says {}.", "It came from {}, twice.", "My router is {} at home."),
    "handle": ("On Discord: {}", "Follow me, I am {} there.", "My username is {}, write me."),
    "card": ("I paid with {} and it failed.", "Card number {}.", "It is {}, valid until next year."),
    "iban": ("Please send it to {}.", "My account is {}, thank you.", "IBAN: {}"),
    "national_id": ("My social security number is {}.", "National id: {}", "They asked for my id number, {}."),
    "address": ("I live at {}.", "Send the parcel to {}, please.", "We moved to {} last year."),
    "birth_date": ("I was born on {}.", "Date of birth: {}", "My birthday is {}, a Sunday."),
    "place": ("We met at {}.", "The bench stands at {}, near the water."),
}  # fmt: skip
CHINESE: dict[Kind, tuple[str, ...]] = {
    "person": ("你好,我叫{}。", "{}老师今天没有来。", "我的同事{}知道这件事。", "联系人:{}", "请把它交给{}先生。"),
    "email": ("请发到{}。", "我的邮箱是{},晚上看。"),
    "phone": ("我的电话是{}。", "请打{}找我。", "手机:{}"),
    "url": ("都在{}上。", "请看{}。"),
    "ip": ("日志里写着{}。", "来自{},两次。"),
    "handle": ("我的微信号是{}。", "QQ:{}"),
    "card": ("我用{}付了钱。", "卡号{}。"),
    "national_id": ("我的身份证号是{}。", "身份证{}已经过期。"),
    "address": ("我住在{}。", "请寄到{}。"),
    "birth_date": ("我生于{}。", "出生日期:{}"),
}
NOTHING = (
    "In {year} the lens was {decimal} mm thick.", "Chapter {small}, page {number}: the moon has no light of its own.",
    "The score was {small}-{small} after {small} minutes.", "It takes {number} people and {decimal} tonnes of sand.",
    "Version {small}.{small}.{small}.{small} is out since {day}.", "We open on Mondays at {hour}, and close at {hour}.",
    "The order {order} left the house on {day}.", "May is the month in which roses open.",
    "Mark the page, and will it to end.",
    "The speed of light is 299792458 m/s.", "Pi is 3.14159265358979.", "Will there be hope for a grace period, Bill?",
    "光速是299792458米每秒。", "第{small}章在第{number}页。", "今天{hour}开门,{hour}关门。",
    "订单{order}已于{day}发出。",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """What became of one kind."""

    there: int = 0
    found: int = 0
    right_kind: int = 0
    claimed: int = 0
    wrong: int = 0  # claimed where nothing is personal
    missed: list[str] = field(default_factory=list)


def sentences(count: int, seed: int) -> Iterable[tuple[str, tuple[Found, ...], str]]:
    """Yield texts, what is personal in them, and their language."""
    fakers = {locale: Faker(locale) for locale in LOCALES}
    for locale, faker in fakers.items():
        faker.seed_instance(f"{seed} {locale}")
    dice = random.Random(seed)
    for number in range(count):
        if number % 3 == 2:
            yield _nothing(dice), (), "en"
            continue
        locale = LOCALES[number % 2 if dice.random() < 0.7 else 2]
        templates = CHINESE if locale == "zh_CN" else ENGLISH
        kind = dice.choice([kind for kind in KINDS if kind in templates])
        value = _value(fakers[locale], kind, locale, dice)
        before, after = dice.choice(templates[kind]).split("{}")
        yield f"{before}{value}{after}", (Found(len(before), len(before) + len(value), kind),), locale[:2]


def _value(faker: Faker, kind: Kind, locale: str, dice: random.Random) -> str:
    made: str
    match kind:
        case "person":
            made = faker.name() if locale == "zh_CN" else f"{faker.first_name()} {faker.last_name()}"
        case "email":
            made = faker.email()
        case "phone":
            made = faker.phone_number().partition("x")[0]
        case "url":
            made = faker.uri()
        case "ip":
            made = faker.ipv4() if dice.random() < 0.6 else faker.ipv6()
        case "handle":
            made = ("" if locale == "zh_CN" else dice.choice(("@", ""))) + f"{faker.user_name()}_{dice.randrange(99)}"
        case "card":
            digits = faker.credit_card_number("mastercard")
            made = " ".join(digits[i : i + 4] for i in range(0, 16, 4)) if dice.random() < 0.5 else digits
        case "iban":
            made = Faker("de_DE").iban() if locale == "en_US" else faker.iban()
        case "national_id":
            made = faker.ssn()
        case "address":
            made = faker.address().replace("\n", "" if locale == "zh_CN" else ", ")
            made = made.rsplit(" ", 1)[0] if locale == "zh_CN" else made
        case "birth_date":
            day = faker.date_of_birth()
            made = f"{day.year}年{day.month}月{day.day}日" if locale == "zh_CN" else day.strftime(dice.choice(_DATES))
        case "place":
            made = f"{dice.uniform(-80, 80):.5f}, {dice.uniform(-170, 170):.5f}"
    return made


_DATES = ("%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%d/%m/%Y")


def _nothing(dice: random.Random) -> str:
    text = dice.choice(NOTHING)
    while "{" in text:
        values = {
            "{year}": str(dice.randrange(1200, 2030)), "{decimal}": f"{dice.uniform(1, 900):.4f}",
            "{small}": str(dice.randrange(1, 60)), "{number}": str(dice.randrange(100, 100_000)),
            "{hour}": f"{dice.randrange(24)}:{dice.randrange(60):02}", "{day}": f"{dice.randrange(1, 29)} March 2024",
            "{order}": f"A-{dice.randrange(10**6, 10**7)}",
        }  # fmt: skip
        for name, value in values.items():
            text = text.replace(name, value, 1)
    return text


def measure(count: int, seed: int = 1, model: str = "") -> dict[Kind, Tally]:
    """Scrub the sentences; in English with a model beside the rules, if one is named."""
    rules = Scrubber(Ledger())
    helped = Scrubber(Ledger(), more=[presidio(model)]) if model else rules
    tallies: dict[Kind, Tally] = {kind: Tally() for kind in KINDS}
    for text, personal, language in sentences(count, seed):
        found = (helped if language == "en" else rules).find(text)
        for each in personal:
            tally = tallies[each.kind]
            tally.there += 1
            covering = [f for f in found if f.start <= each.start and f.end >= each.end]
            tally.found += bool(covering)
            tally.right_kind += any(f.kind == each.kind for f in covering)
            if not covering:
                tally.missed.append(text)
        for f in found:
            tallies[f.kind].claimed += 1
            tallies[f.kind].wrong += not any(f.start < each.end and f.end > each.start for each in personal)
    return tallies


def report(tallies: dict[Kind, Tally]) -> str:
    """Return the table as Markdown."""
    rows: list[tuple[object, ...]] = []
    for kind, tally in tallies.items():
        recall = f"{tally.found / tally.there:.3f}" if tally.there else "-"
        precision = f"{1 - tally.wrong / tally.claimed:.3f}" if tally.claimed else "-"
        named = f"{tally.right_kind / tally.found:.3f}" if tally.found else "-"
        rows.append((kind, tally.there, recall, precision, named))
    there, found = (sum(getattr(tally, name) for tally in tallies.values()) for name in ("there", "found"))
    claimed, wrong = (sum(getattr(tally, name) for tally in tallies.values()) for name in ("claimed", "wrong"))
    rows.append(("all", there, f"{found / there:.3f}", f"{1 - wrong / claimed:.3f}", ""))
    return table(("kind", "there", "recall", "precision", "called rightly"), rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="", help="a spaCy model that is installed")
    parser.add_argument("--missed", action="store_true", help="print what was missed")
    options = parser.parse_args()
    tallies = measure(options.sentences, options.seed, options.model)
    print(report(tallies))
    for tally in tallies.values() if options.missed else ():
        print(*tally.missed, sep="\n")


if __name__ == "__main__":
    main()
