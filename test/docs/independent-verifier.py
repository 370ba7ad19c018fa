"""A second verifier of evidence packs, written from docs/evidence-format.md alone: nothing of the project's code is used,
only Python's standard library. It exists to show that the document is enough, and to disagree when the code strays from it.

    python3 independent-verifier.py PACK.zip        exit code 0 only when everything holds
    python3 independent-verifier.py --vectors FILE  checks itself against docs/evidence-vectors.json
"""

import base64
import binascii
import hashlib
import json
import math
import sys
import zipfile
from datetime import datetime

MOST_BYTES = 64 * 2**20
MOST_TOTAL = 2**31


# --- canonical text: RFC 8785 -------------------------------------------------------------------------------------

def canonical(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(entry) for entry in value) + "]"
    # Keys in order of their UTF-16 code units.
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(quoted(name) + ":" + canonical(value[name]) for name in names) + "}"


def quoted(text):
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(short.get(c) or ("\\u%04x" % ord(c) if c < " " else c) for c in text) + '"'


def number(value):
    """As ECMAScript writes a double: the shortest digits that read back the same."""
    value = float(value)
    if not math.isfinite(value):
        raise ValueError("no JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = ("%r" % abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).rstrip("0")
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return sign + head + "e" + ("+" if power > 0 else "-") + str(abs(power))


def sha256(data):
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


# --- Ed25519: RFC 8032, chapter 5.1, verification only -------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, p):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, p)
        p = add(p, p)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    p, q = times(s, BASE), add(r, times(h, a))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


SPKI = bytes.fromhex("302a300506032b6570032100")


def key_of(pem):
    der = base64.b64decode("".join(pem.strip().split("\n")[1:-1]))
    if len(der) != 44 or not der.startswith(SPKI):
        raise ValueError("the key is not Ed25519")
    return der[12:], sha256(der)[:16]


def signature_of(text):
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


# --- journal, days ------------------------------------------------------------------------------------------------

def link_hash(seq, prev, body):
    return sha256(canonical({"v": "parkwatch-journal-v1", "journal": "evidence", "seq": seq, "prev": prev, "body": body}))


def day_lines(readings):
    return "".join("%d %s %d\n" % (r["timeUs"], number(r["value"]), r["quality"]) for r in readings)


# --- scoring ------------------------------------------------------------------------------------------------------

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


# --- one measure, as the document tells it: remote-metering, version 1 ---------------------------------------------

def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def remote_metering(facts):
    counted = of = 0
    for meter in facts["meters"]:
        served = [
            any(
                instant(s["from"]) <= instant(day["from"]) and (s["to"] is None or instant(s["to"]) >= instant(day["to"]))
                for s in meter["service"]
            )
            for day in facts["days"]
        ]
        days = sum(served)
        if meter["exclusion"] is not None or days == 0:
            continue
        of += 1
        good = sum(1 for i, in_service in enumerate(served) if in_service and meter["received"][i] == "1")
        counted += good * 100 >= days * 95
    return counted, of


# --- the measure of parts, as docs/measures.md tells it: version 1 --------------------------------------------------

class Unknown(Exception):
    """A proof that this verifier was not taught."""


def judge_live(device, live, days):
    """(standing, days in service) of a device by its marks."""
    since = live.get("since")
    served = good = 0
    for index, day in enumerate(days):
        start, end = instant(day["from"]), instant(day["to"])
        for span in device["service"]:
            begin = instant(span["from"]) if since is None else max(instant(span["from"]), instant(since))
            if begin <= start and (span["to"] is None or instant(span["to"]) >= end):
                served += 1
                good += live["marks"][index] == "1"
                break
    if device["exclusion"] is not None or served == 0:
        return "excluded"
    return "counted" if good * 100 >= served * 95 else "not-counted"


def is_blind(days, services):
    """Whether on more than 5 % of the days on which any of these was in service nobody watched the park."""
    served = []
    for day in days:
        start, end = instant(day["from"]), instant(day["to"])
        if any(
            instant(span["from"]) < end and (span["to"] is None or instant(span["to"]) > start)
            for service in services
            for span in service
        ):
            served.append(day["watched"])
    blind = served.count(False)
    return blind > 0 and blind > len(served) * (1 - 0.95)


def function_proof(proof, facts, devices, days):
    """(holds, judged, devices in the population of a live proof)"""
    kind = facts["kind"]
    if kind == "live":
        judged = {c["deviceId"]: judge_live(devices[c["deviceId"]], c, days) for c in facts["candidates"]}
        population = [d for d in judged if judged[d] != "excluded"]
        counted = [d for d in population if judged[d] == "counted"]
        least = proof["least"]
        if least == "every-space":
            holds = all(any(d in counted for d in space["deviceIds"]) for space in facts["spaces"])
            return bool(facts["spaces"]) and holds, bool(facts["spaces"]), population
        enough = len(counted) > 0 if least == "one" else len(counted) * 100 >= len(population) * least["share"]
        return bool(population) and enough, bool(population), population
    if kind == "state":
        known = [d for d in facts["devices"] if d["reading"] is not None]
        good = [d for d in known if d["reading"]["state"] in proof["states"]]
        every = len(facts["devices"])
        return 0 < every == len(good), len(good) < len(known) or 0 < every == len(known), []
    if kind == "due":
        good = [d for d in facts["devices"] if is_day(d["date"]) and d["date"] >= facts["lastDay"]]
        return 0 < len(facts["devices"]) == len(good), len(facts["devices"]) > 0, []
    if kind == "rule":
        return len(facts["rules"]) > 0, False, []
    if kind == "publication":
        shown, every = facts["publications"], set(facts["displays"])
        if proof["reach"] == "all":
            holds = bool(every) and any(every <= set(p["deviceIds"]) for p in shown)
        else:
            holds = any(len(p["deviceIds"]) == 1 for p in shown)
        return holds, holds, []
    least = proof.get("leastDevices", 1) if kind == "event" else 1
    found = {o["deviceId"] for o in facts["occurrences"]}
    holds = len(facts["occurrences"]) > 0 and len(found) >= least
    return holds, holds, []


def is_day(text):
    return text is not None and len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()


def meets(record, wanted):
    if wanted is None:
        return True

    def has(field, value):
        own = record["fields"].get(field)
        accepted = value if isinstance(value, list) else [value]
        if isinstance(own, list):
            return any(one in accepted for one in own)
        own = False if own is None else own
        return any(type(one) is type(own) and one == own for one in accepted)

    return any(all(has(field, value) for field, value in one.items()) for one in wanted)


def records_value(rule, facts):
    """The number that the records make; None where they do not decide."""
    register = facts["registers"][0]
    if not register["kept"]:
        return None
    if rule.get("company") is not None:
        raise Unknown("companies")
    books = {}
    for record in facts["records"]:
        books.setdefault((record["kind"], record["code"]), []).append(record)
    admitted = []  # (record, whether it belongs)
    for pieces in books.values():
        if register["events"]:
            admitted.append((pieces[-1], True))
            continue
        holding = [p for p in pieces if p["from"] <= facts["toDay"] and (p["until"] is None or p["until"] >= facts["toDay"])]
        admitted.append((holding[0], True) if holding else (pieces[-1], False))
    kind = rule["kind"]
    if kind == "count" and rule.get("of") is None:
        return sum(1 for record, belongs in admitted if belongs and meets(record, rule.get("where")))
    asked = [(r, b) for r, b in admitted if meets(r, rule.get("of"))]
    inside = [r for r, b in asked if b]
    if kind == "share":
        return None if not inside else 100 * sum(meets(r, rule["counted"]) for r in inside) / len(inside)
    if kind == "sum-share":
        raise Unknown("sum-share")
    if not asked:
        return None
    counted = [r for r in inside if meets(r, rule.get("where"))]
    if kind == "count":
        return len(counted)
    return max([0] + [r["fields"].get(rule["field"], 0) for r in counted])


def found_value(proof, facts, item):
    """What another measure found: ("number" | "band", value), or None where it came to no verdict."""
    measure = proof["measure"]
    if measure == "records":
        value = records_value(proof["records"], facts)
        return None if value is None else ("number", value)
    if measure == "registry":
        entries = [e for e in facts["entries"] if e["exclusion"] is None]
        counted = sum(1 for e in entries if e["has"] is not None)
        if not entries:
            return None
        return "number", 100 * counted / len(entries) if proof["registry"]["makes"] == "share" else counted
    if measure == "remote-metering":
        counted, of = remote_metering(facts)
        silent = of == 0 or all(m["firstReading"] is None for m in facts["meters"] if m["exclusion"] is None)
        if silent or is_blind(facts["days"], [m["service"] for m in facts["meters"] if m["exclusion"] is None]):
            return None
        return "number", 100 * counted / of
    if measure == "space-coverage":
        devices = {d["deviceId"]: d for d in facts["devices"]}
        judged = {entry["deviceId"]: judge_live(devices[entry["deviceId"]], entry, facts["days"]) for entry in facts["live"]}
        covered = [any(judged[d] == "counted" for d in space["deviceIds"]) for space in facts["spaces"]]
        services = [devices[d]["service"] for space in facts["spaces"] for d in space["deviceIds"]]
        if not facts["days"] or not covered or (not all(covered) and is_blind(facts["days"], services)):
            return None
        return "number", 100 * sum(covered) / len(covered)
    if measure == "video-quality":
        population = [c for c in facts["cameras"] if c["exclusion"] is None]
        fresh = [
            c["picture"]
            for c in population
            if c["picture"] is not None and (instant(facts["to"]) - instant(c["picture"]["time"])).total_seconds() <= 86400
        ]
        if not population or len(fresh) < len(population) * 0.95:
            return None
        sizes = [sorted((p["widthPx"], p["heightPx"]), reverse=True) for p in fresh]
        low = lambda long, short: any(a < long or b < short for a, b in sizes)
        return "band", "none" if low(704, 480) else "partial" if low(1280, 720) else "full"
    raise Unknown(measure)


def parts_of(item, facts):
    """Of each part: (proven, known to be lacking)."""
    devices = {device["deviceId"]: device for device in facts["devices"]}
    given_facts = {entry["id"]: entry["proofs"] for entry in facts["functions"]}
    found = iter(facts["found"])
    answers, live_open = {}, []
    for part in item["functions"]:
        own = answers[part["id"]] = []
        function_facts = iter(given_facts.get(part["id"], []))
        for proof in part.get("proofs", []):
            if proof["kind"] != "found":
                holds, judged, population = function_proof(proof, next(function_facts), devices, facts["days"])
                own.append((holds, judged, bool(population)))
                if not holds:
                    live_open += [devices[d]["service"] for d in population]
                continue
            place = next(found)
            if place["part"] != part["id"]:
                raise ValueError("the facts are not of these proofs")
            if proof.get("given") is not None:
                rule = {"kind": "count", "register": proof["given"]["register"], "where": proof["given"]["where"]}
                value = records_value(rule, facts["inputs"][place["given"]])
                if value == 0:
                    continue
                if value is None:
                    own.append((False, False, False))
                    continue
            answer = found_value(proof, facts["inputs"][place["input"]], item)
            if answer is None:
                own.append((False, False, False))
            elif proof.get("function") is not None:
                raise Unknown("a function")
            elif answer[0] == "band":
                own.append((answer[1] in proof["bands"], True, False))
            else:
                low, high = proof.get("least", -math.inf), proof.get("most", math.inf)
                own.append((low <= answer[1] <= high, True, False))
    blind = is_blind(facts["days"], live_open)
    parts = {}
    for part, own in answers.items():
        proven = any(holds for holds, _, _ in own)
        known = all(judged and not (is_live and blind) for _, judged, is_live in own)
        parts[part] = (proven, not proven and bool(own) and known)
    return parts


def band_of_parts(item, parts):
    """The band that the parts make; None while nothing is known."""
    conditions = [f["id"] for f in item["functions"] if f["role"] == "condition"]
    bands = item["bands"]
    if any(b["id"] == "not-applicable" for b in bands) and conditions and all(parts[c][1] for c in conditions):
        return "not-applicable"
    says = any(b.get("needs") for b in bands)
    required = [f["id"] for f in item["functions"] if f["role"] == "required"]
    needs = [b.get("needs") if says else ({"all": required} if i == 0 else None) for i, b in enumerate(bands)]
    for band, need in zip(bands, needs):
        if need is None:
            continue
        of = need.get("of", [])
        if all(parts[p][0] for p in need["all"]) and sum(parts[p][0] for p in of) >= need.get("least", 0):
            return band["id"]
    last = max(i for i, need in enumerate(needs) if need is not None)
    need = needs[last]
    reachable = sum(not parts[p][1] for p in need.get("of", []))
    if any(parts[p][1] for p in need["all"]) or reachable < need.get("least", 0):
        return bands[last + 1]["id"]
    return None


def check_parts(item, facts, measurement):
    """A sentence when band or parts do not follow from the facts; None when they do. Raises Unknown."""
    parts = parts_of(item, facts)
    for entry in measurement["functions"]:
        if (entry["state"] == "proven") != parts[entry["id"]][0]:
            return "the part %s does not follow from the facts" % entry["id"]
    if band_of_parts(item, parts) != measurement.get("grade"):
        return "the band does not follow from the facts"
    return None


# --- a pack -------------------------------------------------------------------------------------------------------

def check(name):
    problems = []
    with open(name, "rb") as file:
        data = file.read()
    if len(data) < 64 or sha256(data[:-64]) != data[-64:].decode("latin-1"):
        problems.append("the archive is not byte for byte as it was written")
    try:
        archive = zipfile.ZipFile(name)
    except zipfile.BadZipFile as error:
        return problems + ["the archive is cut off or broken: %s" % error]
    infos = archive.infolist()
    if len({info.filename for info in infos}) != len(infos):
        return problems + ["two files have the same name"]
    if sum(info.file_size for info in infos) > MOST_TOTAL:
        return problems + ["the archive unpacks to too much"]

    def read(path):
        info = archive.getinfo(path)
        with archive.open(info) as stream:
            content = stream.read(MOST_BYTES + 1 if info.compress_type else info.file_size)
        if info.compress_type and len(content) > MOST_BYTES:
            raise ValueError("%s unpacks to too much" % path)
        return content

    try:
        inspect(infos, read, problems)
    except Exception as error:  # whatever a broken pack provokes, it does not hold
        problems.append("the pack cannot be read to its end: %r" % error)
    return problems


def inspect(infos, read, problems):
    text = read("manifest.json").decode("utf-8")
    manifest = json.loads(text)
    if manifest["format"] != "parkwatch-evidence-pack-v2" or canonical(manifest) + "\n" != text:
        problems.append("manifest.json is not of the form")
    key, key_id = key_of(manifest["publicKey"])
    signature = read("manifest.sig").decode("utf-8")
    if not is_signed(key, text.encode(), signature_of(signature[:-1])):
        problems.append("the signature of the manifest is wrong")
    head = dict(manifest["head"])
    head_signature = head.pop("signature")
    if key_id != manifest["keyId"] or head["keyId"] != key_id:
        problems.append("the key id is not that of the key")
    if not is_signed(key, canonical(head).encode(), signature_of(head_signature)):
        problems.append("the signature of the head is wrong")

    names = {info.filename for info in infos}
    for file in manifest["files"]:
        if file["path"] not in names:
            problems.append("%s is missing" % file["path"])
        elif sha256(read(file["path"])) != file["sha256"]:
            problems.append("%s was changed" % file["path"])
    for name in names - {file["path"] for file in manifest["files"]} - {"manifest.json", "manifest.sig"}:
        problems.append("%s was added" % name)

    links = [json.loads(line) for line in read("chain.ndjson").decode("utf-8").splitlines()]
    prev = "0" * 64
    for index, link in enumerate(links):
        if link["seq"] != index + 1:
            problems.append("row %d is numbered %d" % (index + 1, link["seq"]))
            break
        if link["hash"] != link_hash(link["seq"], prev, link["body"]):
            problems.append("the hash of row %d does not follow" % link["seq"])
            break
        prev = link["hash"]
    if not links or head["journal"] != "evidence" or (head["seq"], head["hash"]) != (links[-1]["seq"], links[-1]["hash"]):
        problems.append("the head is not the last row")

    scores, rubric, derived, unknown = [], None, 0, 0
    tables, tabled = set(), set()
    for path in sorted(name for name in names if name.startswith("records/")):
        seq = int(path[8:-5])
        body_text = read(path).decode("utf-8")
        if sha256(body_text) != links[seq - 1]["body"]:
            problems.append("%s is not the body that row %d seals" % (path, seq))
        body = json.loads(body_text)
        inputs = {}
        for entry in body["inputs"]:
            content = read("inputs/%s.json" % entry["sha256"])
            if sha256(content) != entry["sha256"] or len(content) != entry["bytes"]:
                problems.append("an input of row %d is not the one that was sealed" % seq)
            inputs[entry["name"]] = json.loads(content.decode("utf-8"))
        for entry in body["inputs"]:
            if entry["name"] == "rubric" or entry["sha256"] in tabled:
                continue
            tabled.add(entry["sha256"])
            for name, table in tables_of(inputs[entry["name"]]).items():
                path = "tables/%s/%s.csv" % (entry["sha256"], name)
                tables.add(path)
                if path not in names or read(path).decode("utf-8") != table:
                    problems.append("%s does not follow from the inputs" % path)
        rubric = inputs["rubric"]
        item = next(entry for entry in rubric["items"] if entry["id"] == body["item"])
        points, convention, band = score(item, body["measurement"])
        told = body["score"]
        if (points, convention, band) != (told["points"], told["conventionPoints"], told["band"]):
            problems.append("row %d: the score does not follow from the measurement" % seq)
        if body["versions"]["measure"] == "remote-metering" and body["versions"]["measureVersion"] == 1:
            # Where a claim decides the item, what was computed stands beside it.
            found = body.get("computed", body)["measurement"]
            population = found["population"]
            counted, of = remote_metering(inputs["facts"])
            if (counted, of) != (population["counted"], population["of"]):
                problems.append("row %d: the measurement does not follow from the facts" % seq)
            value = found["value"]
            if value is not None and value != 100 * counted / of:
                problems.append("row %d: the value does not follow from the facts" % seq)
        if body["versions"]["measure"] == "parts" and body["versions"]["measureVersion"] == 1:
            try:
                problem = check_parts(item, inputs["facts"], body.get("computed", body)["measurement"])
                derived += 1
                if problem is not None:
                    problems.append("row %d: %s" % (seq, problem))
            except Unknown:
                unknown += 1
        decided = body.get("decided")
        if decided is not None:
            if points is None or points["min"] == points["max"] or not points["min"] <= decided["points"] <= points["max"]:
                problems.append("row %d: what was decided is not inside the range" % seq)
            points = {"min": decided["points"], "max": decided["points"]}
        scores.append({"item": body["item"], "points": points, "band": band})
    for name in sorted(name for name in names if name.startswith("tables/") and name not in tables):
        problems.append("%s belongs to no evidence" % name)
    if rubric is None:
        problems.append("the pack holds no evidence")
        return
    print(json.dumps({"records": len(scores), "parts": derived, "partsNotTaught": unknown, "total": total(rubric["items"], scores, rubric["points"], rubric.get("form"))}))


# --- the tables of an input ---------------------------------------------------------------------------------------

def utf16(text):
    return text.encode("utf-16-be")


def is_list_of_objects(value):
    return isinstance(value, list) and value != [] and all(isinstance(entry, dict) for entry in value)


def csv_cell(value):
    if value is None:
        return ""
    if value is True or value is False:
        value = "true" if value else "false"
    elif isinstance(value, (int, float)):
        return number(value)
    elif isinstance(value, list):
        value = canonical(value)
    if value[:1] in ("=", "+", "-", "@", "\t", "\r") and value != "":
        value = "'" + value
    if any(sign in value for sign in ",\"\r\n"):
        value = '"' + value.replace('"', '""') + '"'
    return value


def tables_of(facts):
    found = {}

    def add(entry, lists, numbers):
        name = lists[-1] if lists else ""
        table = found.setdefault(name, {"outer": lists[:-1], "rows": []})
        cells = {}
        table["rows"].append((numbers[:-1], cells))

        def open_up(value, path):
            if isinstance(value, dict):
                for key, member in value.items():
                    open_up(member, key if path == "" else path + "." + key)
            elif is_list_of_objects(value):
                inner = path if name == "" else name + "." + path
                for index, member in enumerate(value):
                    add(member, lists + [inner], numbers + [index + 1])
            else:
                cells[path] = value

        open_up(entry, "")

    add(facts, [], [])
    files = {}
    for index, name in enumerate(sorted(found, key=utf16)):
        table = found[name]
        columns = sorted({column for _, cells in table["rows"] for column in cells}, key=utf16)
        lines = [["row of " + outer for outer in table["outer"]] + columns]
        lines += [numbers + [cells.get(column) for column in columns] for numbers, cells in table["rows"]]
        text = "\ufeff" + "".join(",".join(csv_cell(cell) for cell in line) + "\r\n" for line in lines)
        short = "".join("-" + c.lower() if "A" <= c <= "Z" else c for c in name or "facts")
        short = "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789." else "-" for c in short)
        files["%02d-%s" % (index, short)] = text
    return files


# --- the vectors --------------------------------------------------------------------------------------------------

def check_vectors(name):
    with open(name, encoding="utf-8") as file:
        vectors = json.load(file)
    problems = []

    def expect(step, got, wanted):
        if got != wanted:
            problems.append("%s: got %r, not %r" % (step, got, wanted))

    for vector in vectors["canonical"]:
        expect("canonical", canonical(vector["value"]), vector["text"])
    for link in vectors["links"]:
        expect("body", sha256(link["bodyText"]), link["body"])
        expect("link %d" % link["seq"], link_hash(link["seq"], link["prev"], link["body"]), link["hash"])
    key, key_id = key_of(vectors["key"]["pem"])
    expect("key id", key_id, vectors["key"]["keyId"])
    head = dict(vectors["head"]["signed"])
    signature = head.pop("signature")
    expect("head", canonical(head), vectors["head"]["content"])
    expect("head signed", is_signed(key, vectors["head"]["content"].encode(), signature_of(signature)), True)
    expect("head of another row", is_signed(key, b"x", signature_of(signature)), False)
    manifest = vectors["manifest"]
    expect("manifest signed", is_signed(key, manifest["text"].encode(), signature_of(manifest["signature"])), True)
    day = vectors["day"]
    expect("day lines", day_lines(day["readings"]), day["lines"])
    expect("day digest", sha256(day["lines"]), day["digest"])
    expect("day root", sha256("".join(sorted("%s %s\n" % (p["key"], p["digest"]) for p in day["points"]))), day["root"])
    for vector in vectors["scores"]:
        points, convention, band = score(vector["item"], vector["measurement"])
        expect(vector["title"], {"points": points, "conventionPoints": convention, "band": band}, vector["score"])
    for vector in vectors["derive"]:
        population = vector["measurement"]["population"]
        expect(vector["title"], remote_metering(vector["facts"]), (population["counted"], population["of"]))
    for vector in vectors["tables"]:
        expect("tables", tables_of(vector["facts"]), vector["files"])
    for vector in vectors["parts"]:
        expect(vector["title"], check_parts(vector["item"], vector["facts"], vector["measurement"]), None)
    t = vectors["total"]
    expect("total", total(t["items"], t["scores"], t["rubricPoints"]), t["total"])
    archive = base64.b64decode(vectors["archive"]["base64"])
    expect("archive comment", sha256(archive[:-64]), vectors["archive"]["comment"])
    return problems


if __name__ == "__main__":
    if sys.argv[1] == "--vectors":
        found = check_vectors(sys.argv[2])
    else:
        found = check(sys.argv[1])
    for problem in found:
        print("FAILED " + problem)
    print("HOLDS" if not found else "DOES NOT HOLD")
    sys.exit(0 if not found else 1)
