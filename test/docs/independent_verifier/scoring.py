"""What an item earns by a measurement, and the total of a rubric."""

import math

MEASURED_UNITS = {"%", "d", "m2", "10k-CNY", "mu"}


def score(item, measurement):
    """(points or None, convention points or None, band or None)"""
    if measurement["verdict"] == "insufficient":
        return None, None, None
    if measurement.get("grade") is not None:
        band = next(b for b in item["bands"] if b["id"] == measurement["grade"])
        return band["points"], None, band["id"]
    if item["perUnit"]:
        parts = item["perUnit"]
        if len(parts) == 1:
            earned = measurement["value"] * parts[0]["points"]
        else:
            earned = sum(measurement["quantities"][part["id"]] * part["points"] for part in parts)
        return exactly(min(item["points"], earned)), None, None
    if item.get("deduction"):
        missing = measurement["value"]
        deduction = item["deduction"]
        points = max(deduction["floor"], item["points"] - missing * deduction["perMissing"])
        return exactly(points), None, item["bands"][0 if missing == 0 else -1]["id"]
    if any(band["ranges"] for band in item["bands"]):
        return by_range(item, measurement)
    proven, of, index = tally(item, measurement)
    band = item["bands"][index]
    low, high = band["points"]["min"], band["points"]["max"]
    return band["points"], inside(item, band, low + (high - low) * proven / of), band["id"]


def exactly(points):
    return {"min": points, "max": points}


def by_range(item, measurement):
    values = []
    if measurement["value"] is not None:
        values.append((measurement["unit"], measurement["value"]))
    for unit, value in (measurement.get("quantities") or {}).items():
        if unit != measurement["unit"] or measurement["value"] is None:
            values.append((unit, value))
    index = min(band_of(item, unit, value) for unit, value in values)
    if item.get("functionsLimitBand"):
        index = max(index, tally(item, measurement)[2])
    band = item["bands"][index]
    shares = [0.0]
    for unit, value in values:
        shares += [share(r, value) for r in band["ranges"] if r["unit"] == unit]
    low, high = band["points"]["min"], band["points"]["max"]
    return band["points"], inside(item, band, low + (high - low) * max(shares)), band["id"]


def band_of(item, unit, value):
    for index, band in enumerate(item["bands"]):
        if any(r["unit"] == unit and contains(r, value) for r in band["ranges"]):
            return index
    gap = item.get("gap")
    if gap and gap["unit"] == unit and contains(gap, value):
        return next(i for i, band in enumerate(item["bands"]) if band["id"] == gap["band"])
    raise ValueError("the value falls into no band")


def contains(r, value):
    above = r["min"] is None or value > r["min"] or (r["minInclusive"] and value == r["min"])
    below = r["max"] is None or value < r["max"] or (r["maxInclusive"] and value == r["max"])
    return above and below


def share(r, value):
    low, high = r["min"], r["max"]
    if low is None or high is None:
        return 0.0
    if r["unit"] not in MEASURED_UNITS:
        low += 0 if r["minInclusive"] else 1
        high -= 0 if r["maxInclusive"] else 1
    return 1.0 if high == low else min(1.0, max(0.0, (value - low) / (high - low)))


def inside(item, band, points):
    if band["points"]["min"] == band["points"]["max"] or item.get("insideBand") == "assessor":
        return None
    return math.floor(points * 100 + 0.5) / 100


def tally(item, measurement):
    states = {f["id"]: f["state"] for f in measurement.get("functions") or []}
    counted = [f for f in item["functions"] if f["role"] != "optional" and states[f["id"]] != "not-applicable"]
    proven = [f for f in counted if states[f["id"]] == "proven"]
    lacks = any(f["role"] == "essential" and f not in proven for f in counted)
    alone = any(f["role"] == "required" for f in proven)
    last = len(item["bands"]) - 1
    if lacks or not alone:
        index = last
    else:
        index = 0 if len(proven) == len(counted) else min(1, last)
    return len(proven), len(counted), index


def total(items, scores, points, form=None):
    open_points = {item["id"]: item["points"] for item in items}
    low = high = 0
    for entry in scores:
        if entry["points"] is None:
            continue
        low, high = low + entry["points"]["min"], high + entry["points"]["max"]
        del open_points[entry["item"]]
    known = [entry["points"] for entry in scores if entry["points"] is not None]
    if form == "levels":
        low = 0 if open_points else min([points] + [p["min"] for p in known])
        high = min([points] + [p["max"] for p in known])
        return {"determined": {"min": low, "max": high}, "undetermined": len(open_points), "maximum": points}
    without = sum(1 for entry in scores if form == "requirements" and entry.get("band") == "not-applicable")
    return {
        "determined": {"min": low, "max": high},
        "undetermined": sum(open_points.values()),
        "maximum": points - without,
    }
