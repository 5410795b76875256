"""What 1,000 requests and a month cost, from counts, prices and a mix; `python -m tests.costs` writes the tables."""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.worker import POLL_SECONDS
from tests.limits import limit_table
from tests.readme import computed

RUNBOOK = Path(__file__).parents[1] / "deployment" / "README.md"
FOLDER = RUNBOOK.parent / "costs"
KINDS = ("reads", "writes", "turns", "posts", "updates", "mails")
HOURS_OF_A_MONTH = 730
SECONDS_OF_A_MONTH = HOURS_OF_A_MONTH * 3600
GB = 10**9
THOUSAND = 1_000

Data = Mapping[str, Any]


def read(name: str) -> Data:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def total_of(steps: Data) -> Counter[str]:
    return sum((Counter(step) for step in steps.values()), Counter())


def average(counts: Data, mix: Data) -> Counter[str]:
    """Return what 1,000 requests of the mix take, looking at them included; `stored` is the bytes of their rows."""
    taken = Counter(dict.fromkeys((*KINDS, "sent_bytes", "log_bytes", "stored"), 0))
    for life, share in mix["lives"].items():
        steps, stored = counts["lives"][life], counts["stored"][life]
        for kind, count in (total_of(steps) | Counter(stored=stored)).items():
            taken[kind] += share * count
    more = mix["installation"]["partners_of_an_fpm"] - counts["sample"]["partners_of_the_fpm"]
    for glance, often in mix["glances"].items():
        for kind, count in counts["glances"][glance].items():
            taken[kind] += THOUSAND * often * count
        taken["reads"] += THOUSAND * often * more if glance == "a list of the FPM" else 0
    return taken


def operation_table(counts: Data, mix: Data) -> str:
    """Return every step once, and what requests of each kind take."""
    head = ["| step | reads | writes | turns | cards posted | cards updated | mails | KB sent |", "|---|" + "---:|" * 7]
    seen: dict[str, Data] = {}
    for life in mix["lives"]:
        for name, step in counts["lives"][life].items():
            seen.setdefault(name, step)
    rows = [_row(name, step) for name, step in (*seen.items(), *counts["glances"].items())]
    rows += [_row(f"**{life}**, the whole life", total_of(counts["lives"][life])) for life in mix["lives"]]
    rows.append(_row("**1,000 requests of the mix**", average(counts, mix)))
    return "\n".join([*head, *rows])


def _row(name: str, step: Data) -> str:
    cells = [f"{step.get(kind, 0):,}" for kind in KINDS]
    return f"| {name} | {' | '.join(cells)} | {step.get('sent_bytes', 0) / THOUSAND:,.0f} |"


def taken_by(requests: int, counts: Data, mix: Data) -> dict[str, float]:
    """Return how much of each priced thing so many requests take, without what the months take anyway."""
    each = {kind: requests / THOUSAND * count for kind, count in average(counts, mix).items()}
    messages = each["posts"] + each["updates"] + each["mails"]
    spans = each["turns"] + each["writes"] + messages * mix["telemetry"]["spans_of_a_message"]
    return {
        "table_transactions": each["reads"] + each["writes"],
        "table_gb": each["stored"] / GB,
        "http_requests": each["turns"],
        "log_gb": (each["log_bytes"] + spans * mix["telemetry"]["bytes_of_a_span"]) / GB,
        "sent_gb": each["sent_bytes"] / GB,
        "teams_messages": each["posts"] + each["updates"],
    }


def month_of(requests: int, counts: Data, mix: Data) -> dict[str, float]:
    """Return how much a month with so many requests takes, the store being as full as the mix says."""
    built, telemetry = mix["installation"], mix["telemetry"]
    replicas, idle = built["replicas"], counts["idle"]
    taken = taken_by(requests, counts, mix)
    polls = idle["poll"] * SECONDS_OF_A_MONTH / POLL_SECONDS
    reports = idle["health"] * built["health_reports_a_minute"] * SECONDS_OF_A_MONTH / 60
    records = telemetry["records_a_minute"] * SECONDS_OF_A_MONTH / 60
    taken["table_transactions"] += replicas * (polls + reports)
    taken["table_gb"] *= mix["months"]["kept"]
    taken["log_gb"] += replicas * records * telemetry["bytes_of_a_record"] / GB
    seconds = replicas * SECONDS_OF_A_MONTH
    return taken | {
        "vcpu_active": seconds * built["vcpu"],
        "vcpu_idle": seconds * built["vcpu"],
        "gib": seconds * built["gib"],
        "public_address": built["public_addresses"] * HOURS_OF_A_MONTH,
        "load_balancer": built["load_balancers"] * HOURS_OF_A_MONTH,
        "log_alert": built["log_alerts"],
        "registry": 1,
    }


def money(amount: float, price: Data) -> float:
    return max(0.0, amount - price.get("free", 0)) / price["per"] * price["price"]


def money_table(counts: Data, mix: Data, prices: Data) -> str:
    """Return what 1,000 requests add, before anything that Azure gives for nothing."""
    rows, total = ["| 1,000 requests take | amount | USD |", "|---|---:|---:|"], 0.0
    for name, amount in taken_by(THOUSAND, counts, mix).items():
        costs = money(amount, {**prices[name], "free": 0})
        total += costs
        rows.append(f"| {prices[name]['what']} | {_amount(amount)} | {costs:,.3f} |")
    return "\n".join([*rows, f"| **together** | | **{total:,.2f}** |"])


def month_table(counts: Data, mix: Data, prices: Data) -> str:
    """Return what a month costs at each number of requests, compute being active all the time or never."""
    months = {n: month_of(n, counts, mix) for n in mix["months"]["requests"]}
    costs = {n: {name: money(amount, prices[name]) for name, amount in month.items()} for n, month in months.items()}
    rows = [f"| USD a month at | {' | '.join(f'{n:,} requests' for n in months)} |", "|---|" + "---:|" * len(months)]
    names = [name for name in prices if isinstance(prices[name], Mapping)]
    rows += [f"| {prices[name]['what']} | {' | '.join(f'{costs[n][name]:,.2f}' for n in months)} |" for name in names]
    for words, other in (("with replicas that are always active", "vcpu_idle"), ("never", "vcpu_active")):
        totals = [sum(each.values()) - each[other] for each in costs.values()]
        rows.append(f"| **together, {words}** | {' | '.join(f'**{total:,.2f}**' for total in totals)} |")
    return "\n".join(rows)


def price_table(prices: Data) -> str:
    rows = [
        f"| {price['what']} | {_plain(price['price'])} for {price['per']:,} | {price.get('free', 0):,} "
        f"| {price['seen']} | [page]({price['source']}) |"
        for price in prices.values()
        if isinstance(price, Mapping)
    ]
    head = [f"| {prices['region']} | {prices['currency']} | free a month | seen | |", "|---|---|---:|---|---|"]
    return "\n".join([*head, *rows])


def _plain(price: float) -> str:
    return f"{price:.6f}".rstrip("0").rstrip(".")


def _amount(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= THOUSAND else f"{amount:,.3f}"


def cost_tables() -> str:
    counts, mix, prices = read("counts"), read("mix"), read("prices")
    tables = (
        operation_table(counts, mix),
        money_table(counts, mix, prices),
        month_table(counts, mix, prices),
        price_table(prices),
    )
    return "\n\n".join(tables)


PARTS: Mapping[str, Callable[[], str]] = {"costs": cost_tables, "limits": limit_table}


if __name__ == "__main__":
    RUNBOOK.write_text(computed(RUNBOOK.read_text(encoding="utf-8"), PARTS), encoding="utf-8")
