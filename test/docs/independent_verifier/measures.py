"""The measures that are the same whatever item they serve, and those of places: docs/measures.md, rule by rule."""

from common import DAY_MS, found, instant, is_blind, member, ratio, served_days, served_ms


def is_held(device):
    return device.get("heldS", 0) > 0


def services_of(judged):
    return [device["service"] for device, *_ in judged]


# --- remote-metering ------------------------------------------------------------------------------------------------

def remote_metering(facts, _item):
    judged = []
    for meter in facts["meters"]:
        served = served_days(meter["service"], facts["days"])
        days = sum(served)
        good = sum(1 for index, is_served in enumerate(served) if is_served and meter["received"][index] == "1")
        left = meter["exclusion"] is not None or days == 0
        standing = "excluded" if left else "counted" if good * 100 >= days * 95 else "not-counted"
        noted = not left and (days < len(served) or is_held(meter))
        judged.append((meter, standing, days, good, noted))
    inside = [entry for entry in judged if entry[1] != "excluded"]
    functions = []
    for medium in ("water", "electricity", "gas"):
        own = [standing for meter, standing, *_ in inside if meter["medium"] == medium]
        state = "not-applicable" if not own else "proven" if "counted" in own else "missing"
        functions.append((medium, state))
    silent = all(meter["firstReading"] is None for meter, *_ in inside)
    sufficient = bool(facts["days"]) and not silent and not is_blind(facts["days"], services_of(inside))
    counted = sum(standing == "counted" for _, standing, *_ in inside)
    known = {
        "value": 100 * counted / len(inside) if sufficient else None,
        "unit": "%",
        "functions": functions,
        "completeness": ratio(sum(entry[3] for entry in inside), sum(entry[2] for entry in inside)),
    }
    return found([member(entry[0], entry[1], entry[4]) for entry in judged], sufficient, known)


# --- video-retention and video-quality ------------------------------------------------------------------------------

def is_fresh(reading, facts):
    return reading is not None and instant(facts["to"]) - instant(reading["time"]) <= DAY_MS


def is_young(camera, days):
    """In service for less than thirty days without a break, and recordings cover all but a day of that."""
    last = max(instant(span["from"]) for span in camera["service"])
    served = max(0, (instant(camera["reading"]["time"]) - last) / 1000 / 86_400)
    return served < 30 and days < 30 and days + 1 >= served


def camera_standing(camera, reading, facts):
    if camera["exclusion"] is not None:
        return "excluded"
    return "counted" if is_fresh(reading, facts) else "not-counted"


def is_enough(members):
    """95 % of the cameras in the population are known."""
    judged = [one["standing"] for one in members if one["standing"] != "excluded"]
    return bool(judged) and judged.count("counted") >= len(judged) * 0.95


def known_share(members):
    judged = [one["standing"] for one in members if one["standing"] != "excluded"]
    return ratio(judged.count("counted"), len(judged))


def video_retention(facts, _item):
    members, deciding = [], []
    for camera in facts["cameras"]:
        standing = camera_standing(camera, camera["reading"], facts)
        young = False
        if standing == "counted":
            days = camera["reading"]["ageS"] / 86_400
            young = is_young(camera, days)
            if not young:
                deciding.append(days)
        members.append(member(camera, standing, standing != "excluded" and (young or is_held(camera))))
    sufficient = is_enough(members) and bool(deciding)
    known = {"value": min(deciding) if sufficient else None, "unit": "d", "completeness": known_share(members)}
    return found(members, sufficient, known)


PICTURES = (("full", 1280, 720), ("partial", 704, 480), ("none", 0, 0))


def video_quality(facts, _item):
    members, worst = [], 0
    for camera in facts["cameras"]:
        picture = camera["picture"]
        standing = camera_standing(camera, picture, facts)
        if standing == "counted":
            long, short = max(picture["widthPx"], picture["heightPx"]), min(picture["widthPx"], picture["heightPx"])
            grade = next(i for i, (_, width, height) in enumerate(PICTURES) if long >= width and short >= height)
            worst = max(worst, grade)
        members.append(member(camera, standing, standing != "excluded" and is_held(camera)))
    known = {"unit": "px", "grade": PICTURES[worst][0], "completeness": known_share(members)}
    return found(members, is_enough(members), known)


# --- environment-monitoring -----------------------------------------------------------------------------------------

MEDIA = ("air", "water-quality", "noise")


def watch(station, medium, facts):
    """(expected, good, live, blind) of one medium at one station."""
    points = [point for point in station["points"] if point["medium"] == medium]
    expected = good = 0
    for point in points:
        for index, day in enumerate(facts["days"]):
            due = served_ms(station["service"], instant(day["from"]), instant(day["to"])) / 1000 / point["expectedIntervalS"]
            expected += due
            good += min(due, point["good"][index])
    began = max(instant(facts["from"]), min(instant(span["from"]) for span in station["service"]))
    blind = min(instant(point["firstReading"]) for point in points) > began + 3_600_000
    return expected, good, good >= expected * 0.95, blind


def environment_monitoring(facts, _item):
    judged = []
    for station in facts["stations"]:
        own = {point["medium"] for point in station["points"]}
        watches = {medium: watch(station, medium, facts) for medium in MEDIA if medium in own}
        short = served_ms(station["service"], instant(facts["from"]), instant(facts["to"])) < DAY_MS
        live = [is_live for _, _, is_live, _ in watches.values()]
        left = station["exclusion"] is not None or short
        standing = "excluded" if left else "counted" if any(live) else "not-counted"
        noted = is_held(station) or (standing == "counted" and not all(live))
        judged.append((station, standing, watches, noted and not left))
    inside = [entry for entry in judged if entry[1] != "excluded"]
    of_medium = {m: [entry[2][m] for entry in inside if m in entry[2]] for m in MEDIA}
    shown = {entry["medium"] for entry in facts["publications"] if entry["servings"] > 0}
    live = [m for m in MEDIA if any(is_live for _, _, is_live, _ in of_medium[m])]
    states = {m: m in live for m in MEDIA}
    states["publication"] = bool(live) and all(m in shown for m in live)
    unknown = any(m not in live and any(blind for *_, blind in of_medium[m]) for m in MEDIA)
    sufficient = any(entry[2] for entry in inside) and not is_blind(facts["days"], services_of(inside)) and not unknown
    expected = good = 0
    for entry in inside:
        for due, came, *_ in entry[2].values():
            expected, good = expected + due, good + came
    known = {
        "unit": "functions",
        "functions": [(name, "proven" if holds else "missing") for name, holds in states.items()],
        "completeness": ratio(good, expected),
    }
    return found([member(entry[0], entry[1], entry[3]) for entry in judged], sufficient, known)


# --- devices that deliver, and places that have one -------------------------------------------------------------------

def judge_live(device, live, days):
    """The device, its standing, days in service and good ones, and whether it is noted."""
    served = served_days(device["service"], days, live["since"])
    count = sum(served)
    good = sum(1 for index, is_served in enumerate(served) if is_served and live["marks"][index] == "1")
    left = device["exclusion"] is not None or count == 0
    standing = "excluded" if left else "counted" if good * 100 >= count * 95 else "not-counted"
    noted = not left and (count < len(days) or live["since"] is not None or is_held(device))
    return {"device": device, "standing": standing, "days": count, "good": good, "noted": noted}


def live_share(judged):
    """Good days of days of all that are not left out; None without any."""
    inside = [one for one in judged if one["standing"] != "excluded"]
    return ratio(sum(one["good"] for one in inside), sum(one["days"] for one in inside))


def space_coverage(facts, item):
    devices = {device["deviceId"]: device for device in facts["devices"]}
    judged = {one["deviceId"]: judge_live(devices[one["deviceId"]], one, facts["days"]) for one in facts["live"]}
    members, everyone = [], []
    for space in facts["spaces"]:
        own = [judged[name] for name in space["deviceIds"]]
        everyone += own
        by = next((one for one in own if one["standing"] == "counted"), None)
        foreign = next((one for one in own if one["device"]["provenance"] != "field"), None)
        shown = by or foreign
        provenance = "field" if shown is None else shown["device"]["provenance"]
        place = {"deviceId": space["spaceId"], "name": space["name"], "class": "space", "provenance": provenance}
        members.append(member(place, "not-counted" if by is None else "counted", by is not None and by["noted"]))
    counted = sum(one["standing"] == "counted" for one in members)
    services = [one["device"]["service"] for one in everyone]
    covered = counted == len(members) or not is_blind(facts["days"], services)
    sufficient = bool(facts["days"]) and bool(members) and covered
    units = [r["unit"] for band in item["bands"] for r in band["ranges"]] + ["%"]
    value = (100 * counted / len(members) if units[0] == "%" else counted) if sufficient else None
    return found(members, sufficient, {"value": value, "unit": units[0], "completeness": live_share(everyone)})


def registry(facts, item):
    rule = item["registry"]
    members = []
    for entry in facts["entries"]:
        left = entry["exclusion"] is not None
        standing = "excluded" if left else "not-counted" if entry["has"] is None else "counted"
        members.append(member({**entry, "deviceId": entry["id"]}, standing))
    inside = [one for one in members if one["standing"] != "excluded"]
    counted = sum(one["standing"] == "counted" for one in inside)
    is_share = rule["makes"] == "share"
    value = None if not inside else 100 * counted / len(inside) if is_share else counted
    return found(members, bool(inside), {"value": value, "unit": "%" if is_share else rule["of"], "completeness": None})


# --- attestation ------------------------------------------------------------------------------------------------------

def attestation(facts, item):
    day = facts["lastDay"]
    standing = [c for c in facts["claims"] if c["state"] == "approved" and c["from"] <= day <= c["until"]]
    newest = max(standing, key=lambda claim: claim["decidedAt"], default=None)
    members = [
        member(
            {
                "deviceId": "claim/" + claim["id"],
                "name": claim["statement"],
                "class": "claim",
                "provenance": claim.get("provenance", "field"),
            },
            "counted" if claim is newest else "excluded",
        )
        for claim in facts["claims"]
    ]
    content = {} if newest is None else newest["content"]
    claimed = content.get("functions", [])
    told = [f["id"] for f in item["functions"] if f["role"] != "optional" or f["id"] in claimed]
    states = [(name, "proven" if name in claimed else "missing") for name in told]
    known = {
        "value": content.get("value"),
        "unit": content.get("unit", ""),
        "quantities": content.get("quantities"),
        "grade": content.get("grade"),
        "functions": states if newest is not None and states else None,
        "completeness": None,
    }
    return found(members, newest is not None, known)
