"""What registers make of an item: docs/registers.md and docs/measures.md."""

import math

from common import found, member, ratio


def meets(record, wanted):
    if wanted is None:
        return True

    def has(field, value):
        own = record["fields"].get(field, False)
        accepted = value if isinstance(value, list) else [value]
        return any(type(one) is type(given) and one == given for one in accepted for given in (own if isinstance(own, list) else [own]))

    return any(all(has(field, value) for field, value in one.items()) for one in wanted)


def number_of(record, field):
    value = record["fields"].get(field)
    return value if type(value) in (int, float) else 0


def text_of(record, field):
    value = record["fields"].get(field)
    return value if isinstance(value, str) else ""


def holds_on(record, day):
    return record["from"] <= day and (record["until"] is None or record["until"] >= day)


def company_field(rule):
    if rule["kind"] in ("either", "levels", "count"):
        return rule.get("company")
    return "enterprise" if rule["kind"] == "services" and rule["by"] == "success" else None


def admitted(facts, rule):
    """(record, whether it belongs): of each code the one that counts for the period."""
    events = {register["id"]: register["events"] for register in facts["registers"]}
    books = {}
    for record in facts["records"]:
        books.setdefault((record["kind"], record["code"]), []).append(record)
    field = company_field(rule)
    for pieces in books.values():
        is_event = events.get(pieces[-1]["kind"], False)
        holding = pieces[-1:] if is_event else [piece for piece in pieces if holds_on(piece, facts["toDay"])]
        if not holding:
            yield pieces[-1], False
            continue
        record = holding[0]
        company = "" if field is None else text_of(record, field)
        day = record["from"] if is_event else facts["toDay"]
        settled = any(one["code"] == company and holds_on(one, day) for one in facts["companies"])
        yield record, company == "" or settled


class Book:
    """The records that meet `of`, and of those the ones that also meet `counted`."""

    def __init__(self, facts, rule, of=None, counted=None):
        self.day = facts["toDay"]
        self.shown = [
            (record, "excluded" if not belongs else "counted" if meets(record, counted) else "not-counted")
            for record, belongs in admitted(facts, rule)
            if meets(record, of)
        ]
        self.sort()

    def sort(self):
        self.inside = [record for record, standing in self.shown if standing != "excluded"]
        self.counted = [record for record, standing in self.shown if standing == "counted"]

    def is_late(self, record):
        return record["reviewBy"] is not None and record["reviewBy"] < self.day

    def members(self):
        return [
            member(
                {
                    "deviceId": record["kind"] + "/" + record["code"],
                    "name": record["title"],
                    "class": record["kind"],
                    "provenance": record["provenance"],
                },
                standing,
                standing != "excluded" and self.is_late(record),
            )
            for record, standing in self.shown
        ]

    def completeness(self):
        return ratio(sum(not self.is_late(record) for record in self.inside), len(self.inside))


def half_up(value):
    return math.floor(value + 0.5)


def share(facts, rule, _item):
    book = Book(facts, rule, rule.get("of"), rule["counted"])
    of = len(book.inside)
    return book, of > 0, {"value": 100 * len(book.counted) / of if of else None, "unit": "%"}, None


def sum_share(facts, rule, _item):
    book = Book(facts, rule)
    of = counted = 0
    for record in book.inside:
        whole = number_of(record, rule["of"])
        own = 0
        for field in rule["counted"]:
            own += number_of(record, field)
        of, counted = of + whole, counted + min(own, whole)
    return book, of != 0, {"value": 100 * counted / of if of else None, "unit": "%"}, (counted, of)


def count(facts, rule, _item):
    of = rule.get("of")
    book = Book(facts, rule, rule.get("where")) if of is None else Book(facts, rule, of, rule.get("where"))
    companies = {text_of(record, rule["company"]) for record in book.counted} if "company" in rule else None
    value = len(book.counted if companies is None else companies)
    return book, of is None or bool(book.shown), {"value": value, "unit": rule["unit"]}, None


def largest(facts, rule, _item):
    book = Book(facts, rule, rule.get("of"), rule.get("where"))
    value = max([0] + [number_of(record, rule["field"]) for record in book.counted])
    return book, bool(book.shown), {"value": value, "unit": rule["unit"]}, None


def either(facts, rule, _item):
    book = Book(facts, rule)
    amount = sum(half_up(number_of(record, rule["amount"]) * 10_000) for record in book.counted) / 10_000
    companies = {text_of(record, rule["company"]) for record in book.counted}
    return book, True, {"value": len(companies), "unit": "enterprises", "quantities": {"10k-CNY": amount}}, None


def levels(facts, rule, _item):
    values = [level["value"] for level in rule["levels"]]
    book = Book(facts, rule, [{rule["field"]: values}])
    best = {}
    for record in book.counted:
        company, level = text_of(record, rule["company"]), values.index(text_of(record, rule["field"]))
        best[company] = min(level, best.get(company, level))
    places = list(best.values())
    quantities = {level["counts"]: places.count(index) for index, level in enumerate(rule["levels"])}
    return book, True, {"value": len(best), "unit": "enterprises", "quantities": quantities}, None


def best(facts, rule, item):
    useful = [one for band in rule["bands"] for one in band["where"]]
    book = Book(facts, rule, rule.get("of"), useful)
    grade = item["bands"][-1]["id"] if item["bands"] else None
    for band in rule["bands"]:
        if sum(meets(record, band["where"]) for record in book.counted) >= band["least"]:
            grade = band["band"]
            break
    return book, bool(book.shown), {"unit": "", "grade": grade}, None


def all_some(facts, rule, item):
    book = Book(facts, rule, None, rule["counted"])
    asked = [record for record in book.inside if meets(record, rule.get("of"))]
    served = [record for record in asked if meets(record, rule["counted"])]
    anywhere = any(meets(record, rule["counted"]) for record in book.inside)
    index = 0 if asked and len(served) == len(asked) else 1 if anywhere else -1
    value = 100 * len(served) / len(asked) if asked else None
    known = {"value": value, "unit": "%", "grade": item["bands"][index]["id"]}
    return book, bool(asked), known, (len(served), len(asked))


def services(facts, rule, item):
    prefix = rule["area"] + "."
    book = Book(facts, rule)
    book.shown = [entry for entry in book.shown if text_of(entry[0], "type").startswith(prefix)]
    book.sort()
    offered = [record for record in book.counted if record["kind"] == "service"]
    wanted = [f["id"] for f in item["functions"] if f["role"] == "required" and f["id"] not in ("online", "offline")]

    def has(name, wanted_fields=None):
        return any(text_of(record, "type") == prefix + name and meets(record, wanted_fields) for record in offered)

    states = [(name, "proven" if has(name) else "missing") for name in wanted]
    lacking = sum(state == "missing" for _, state in states)
    if rule["by"] == "missing":
        return book, True, {"value": lacking, "unit": "functions", "functions": states}, None
    if rule["by"] == "channels":
        rest = [(c, "proven" if all(has(name, [{"channels": c}]) for name in wanted) else "missing") for c in ("online", "offline")]
    else:
        won = any(meets(record, [{"success": True}]) for record in book.counted)
        rest = [("success", "proven" if won else "missing")]
    full = lacking == 0 and all(state == "proven" for _, state in rest)
    grade = item["bands"][-1 if not offered else 0 if full else 1]["id"]
    known = {"value": len(wanted) - lacking, "unit": "functions", "functions": states + rest, "grade": grade}
    return book, True, known, None


RULES = {
    "share": share,
    "sum-share": sum_share,
    "count": count,
    "largest": largest,
    "either": either,
    "levels": levels,
    "best": best,
    "all-some": all_some,
    "services": services,
}


def records(facts, item):
    rule = item["records"]
    book, decides, known, sums = RULES[rule["kind"]](facts, rule, item)
    sufficient = facts["registers"][0]["kept"] and decides
    if not sufficient:
        known["functions"] = None
    return found(book.members(), sufficient, {**known, "completeness": book.completeness()}, sums)
