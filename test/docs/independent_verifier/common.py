"""What all measures share: time in service, days, members, and the population that they make."""

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from math import inf

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY_MS = 86_400_000


class NotTaught(Exception):
    """Something that the document does not tell."""


@lru_cache(maxsize=100_000)
def instant(text):
    """Milliseconds since 1970."""
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(milliseconds=1)


def end_of(span):
    return inf if span["to"] is None else instant(span["to"])


def served_ms(service, start, end):
    """Milliseconds of the range in service."""
    return sum(max(0, min(end_of(span), end) - max(instant(span["from"]), start)) for span in service)


def served_days(service, days, since=None):
    """Of each day, whether it lies wholly in one span, where that is counted from `since` on."""
    least = -inf if since is None else instant(since)
    spans = [(max(instant(span["from"]), least), end_of(span)) for span in service]
    return [any(start <= instant(day["from"]) and end >= instant(day["to"]) for start, end in spans) for day in days]


def is_blind(days, services):
    """Whether on more than 5 % of the days on which any of these was in service nobody watched the park."""
    watched = [
        day["watched"]
        for day in days
        if any(served_ms(service, instant(day["from"]), instant(day["to"])) > 0 for service in services)
    ]
    blind = watched.count(False)
    return blind > 0 and blind > len(watched) * (1 - 0.95)


def member(device, standing, noted=False):
    return {
        "id": device["deviceId"],
        "name": device["name"],
        "class": device["class"],
        "provenance": device["provenance"],
        "standing": standing,
        "noted": noted,
    }


RANK = {"counted": 0, "not-counted": 1, "excluded": 2}


def each_once(members):
    """The best standing of each, the first of equals; in order of id."""
    best = {}
    for one in members:
        if one["id"] not in best or RANK[one["standing"]] < RANK[best[one["id"]]["standing"]]:
            best[one["id"]] = one
    return [best[name] for name in sorted(best, key=lambda name: name.encode("utf-16-be"))]


def population(members, sums=None):
    judged = [one for one in members if one["standing"] != "excluded"]
    counted = sum(one["standing"] == "counted" for one in judged)
    return {
        "counted": counted if sums is None else sums[0],
        "of": len(judged) if sums is None else sums[1],
        "excluded": [one["id"] for one in members if one["standing"] == "excluded"],
        "noted": [one["id"] for one in judged if one["noted"]],
    }


def found(members, sufficient, known, sums=None):
    """(figures of a measurement, members): `known` holds value, unit, completeness and what else is told."""
    figures = {"value": None, "quantities": None, "grade": None, "functions": None, **known}
    if not sufficient:
        figures.update(value=None, quantities=None, grade=None)
    figures["verdict"] = "sufficient" if sufficient else "insufficient"
    figures["population"] = population(members, sums)
    return figures, members


def figures_of(measurement):
    """The figures of a measurement as a record tells it: what is in words is left out."""
    told = measurement["population"]
    functions = measurement.get("functions")
    return {
        "verdict": measurement["verdict"],
        "value": measurement["value"],
        "unit": measurement["unit"],
        "quantities": measurement.get("quantities"),
        "grade": measurement.get("grade"),
        "functions": None if functions is None else [(entry["id"], entry["state"]) for entry in functions],
        "completeness": measurement["completeness"],
        "population": {
            "counted": told["counted"],
            "of": told["of"],
            "excluded": [entry["id"] for entry in told["excluded"]],
            "noted": [entry["id"] for entry in told["noted"]],
        },
    }


def ratio(part, whole):
    return None if whole == 0 else part / whole
