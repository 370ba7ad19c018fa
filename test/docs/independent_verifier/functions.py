"""Functions that somebody outside confirms, and items that are made of parts: docs/functions.md and docs/measures.md."""

import re
from math import inf

from common import each_once, found, is_blind, member
from measures import (
    environment_monitoring,
    judge_live,
    live_share,
    registry,
    remote_metering,
    space_coverage,
    video_quality,
    video_retention,
)
from records import records


class Proof:
    """What came of one proof: it holds; it came to a verdict; the devices it looked at by days; who stands for it otherwise."""

    def __init__(self, holds, judged, live=(), witnesses=()):
        self.holds, self.judged, self.live, self.witnesses = holds, judged, live, witnesses

    def services(self):
        return [one["device"]["service"] for one in self.live if one["standing"] != "excluded"]


def is_day(text):
    return text is not None and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None


def live_proof(proof, facts, devices, days):
    live = [judge_live(devices[one["deviceId"]], one, days) for one in facts["candidates"]]
    inside = [one for one in live if one["standing"] != "excluded"]
    counted = {one["device"]["deviceId"] for one in inside if one["standing"] == "counted"}
    least = proof["least"]
    if least == "every-space":
        every = all(any(name in counted for name in space["deviceIds"]) for space in facts["spaces"])
        return Proof(bool(facts["spaces"]) and every, bool(facts["spaces"]), live)
    enough = bool(counted) if least == "one" else len(counted) * 100 >= len(inside) * least["share"]
    return Proof(bool(inside) and enough, bool(inside), live)


def state_proof(proof, facts):
    every = [(d["deviceId"], d["reading"] and d["reading"]["state"] in proof["states"]) for d in facts["devices"]]
    good = sum(bool(holds) for _, holds in every)
    known = sum(device["reading"] is not None for device in facts["devices"])
    holds = 0 < len(every) == good
    return Proof(holds, good < known or 0 < len(every) == known, (), [(name, bool(own)) for name, own in every])


def due_proof(facts):
    every = [(d["deviceId"], is_day(d["date"]) and d["date"] >= facts["lastDay"]) for d in facts["devices"]]
    return Proof(bool(every) and all(own for _, own in every), bool(every), (), every)


def publication_proof(proof, facts):
    def reaches(shown):
        if proof["reach"] == "all":
            return bool(facts["displays"]) and set(facts["displays"]) <= set(shown["deviceIds"])
        return len(shown["deviceIds"]) == 1

    newest = next((shown for shown in facts["publications"] if reaches(shown)), None)
    witnesses = [] if newest is None else [(name, True) for name in newest["deviceIds"]]
    return Proof(newest is not None, newest is not None, (), witnesses)


def happened(proof, facts):
    least = proof.get("leastDevices", 1) if proof["kind"] == "event" else 1
    names = [one["deviceId"] for one in facts["occurrences"]]
    holds = bool(names) and len(set(names)) >= least
    return Proof(holds, holds, (), [(name, holds) for name in names])


def judge(proof, facts, devices, days):
    if proof["kind"] != facts["kind"]:
        raise ValueError("the facts are not of these proofs")
    if facts["kind"] == "live":
        return live_proof(proof, facts, devices, days)
    if facts["kind"] == "state":
        return state_proof(proof, facts)
    if facts["kind"] == "due":
        return due_proof(facts)
    if facts["kind"] == "rule":
        return Proof(bool(facts["rules"]), False)
    if facts["kind"] == "publication":
        return publication_proof(proof, facts)
    return happened(proof, facts)


def judge_all(item, facts):
    """Of each function of the item, in order: (function, its proofs, proven)."""
    devices = {device["deviceId"]: device for device in facts["devices"]}
    given = {entry["id"]: entry["proofs"] for entry in facts["functions"]}
    shared = facts["shared"]
    judged = []
    for function in item["functions"]:
        asked = [proof for proof in function.get("proofs", []) if proof["kind"] != "found"]
        own = given.get(function["id"], [])
        if len(asked) != len(own):
            raise ValueError("the facts are not of these proofs")
        proofs = [judge(proof, answer, devices, facts["days"]) for proof, answer in zip(asked, own)]
        is_shared = shared is None or function["id"] in shared["functions"]
        judged.append((function, proofs, is_shared and any(proof.holds for proof in proofs)))
    return judged


def device_members(facts, judged):
    devices = {device["deviceId"]: device for device in facts["devices"]}
    members = []
    for _, proofs, _ in judged:
        for proof in proofs:
            members += [member(one["device"], one["standing"], one["noted"]) for one in proof.live]
            for name, holds in proof.witnesses:
                if name in devices:
                    members.append(member(devices[name], "counted" if holds else "not-counted"))
    return each_once(members)


def all_live(judged):
    return [one for _, proofs, _ in judged for proof in proofs for one in proof.live]


def functions(facts, item):
    judged = judge_all(item, facts)
    counts_kinds = any(r["unit"] == "functions" for band in item["bands"] for r in band["ranges"])
    counted = [entry for entry in judged if entry[0]["role"] != "optional"]
    if counts_kinds or not counted:
        counted = [entry for entry in judged if entry[1]]
    unproven = [entry for entry in counted if not entry[2]]
    services = [service for _, proofs, _ in unproven for proof in proofs for service in proof.services()]

    def decides(entry):
        function, proofs, proven = entry
        return (proven and function["role"] != "supporting") or any(proof.judged for proof in proofs)

    if is_blind(facts["days"], services):
        sufficient = False
    elif item["kind"] == "boolean" and not item["graded"]:
        sufficient = all(decides(entry) for entry in unproven)
    else:
        sufficient = any(decides(entry) for entry in counted)
    proven = sum(entry[2] for entry in counted)
    states = [(f["id"], "proven" if holds else "missing") for f, own, holds in judged if own or f["role"] != "optional"]
    known = {
        "value": proven if counts_kinds else None,
        "unit": "functions",
        "functions": states,
        "grade": item["bands"][0]["id"] if item["graded"] and proven > 0 else None,
        "completeness": live_share(all_live(judged)),
    }
    return found(device_members(facts, judged), sufficient, known)


# --- items that are made of parts -------------------------------------------------------------------------------------

FOUND = {
    "remote-metering": remote_metering,
    "video-retention": video_retention,
    "video-quality": video_quality,
    "environment-monitoring": environment_monitoring,
    "space-coverage": space_coverage,
    "registry": registry,
    "records": records,
}


def ask(measure, facts, proof):
    """What the other measure finds, which sees the parameter of the proof and no band or function of the item."""
    parameter = {name: proof[name] for name in ("coverage", "registry", "records") if name in proof}
    return FOUND[measure](facts, {"bands": [], "functions": [], **parameter})


class Answer:
    """What came of a proof that another measure's finding is."""

    def __init__(self, proof, facts, place):
        self.figures, self.members = ask(proof["measure"], facts["inputs"][place["input"]], proof)
        self.applies, self.holds, self.judged = True, False, False
        given = proof.get("given")
        if given is not None:
            rule = {"kind": "count", "register": given["register"], "where": given["where"], "unit": "cases"}
            condition, _ = ask("records", facts["inputs"][place["given"]], {"records": rule})
            if condition["verdict"] == "insufficient":
                return
            if condition["value"] == 0:
                self.applies = False
        if self.figures["verdict"] == "sufficient":
            self.judged, self.holds = True, meets_bound(proof, self.figures)


def meets_bound(proof, figures):
    if "function" in proof:
        return dict(figures["functions"])[proof["function"]] == "proven"
    if "bands" in proof:
        return figures["grade"] in proof["bands"]
    return proof.get("least", -inf) <= figures["value"] <= proof.get("most", inf)


def band_of(item, parts):
    """The band that the parts make, by (proven, lacking) of each; None while nothing is known."""
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


def answers_of(item, facts):
    places = iter(facts["found"])
    answers = {}
    for function in item["functions"]:
        own = answers[function["id"]] = []
        for proof in function.get("proofs", []):
            if proof["kind"] == "found":
                place = next(places)
                if place["part"] != function["id"]:
                    raise ValueError("the facts are not of these proofs")
                own.append(Answer(proof, facts, place))
    return answers


def parts(facts, item):
    judged = judge_all(item, facts)
    answers = answers_of(item, facts)
    silent = [service for _, proofs, _ in judged for proof in proofs if not proof.holds for service in proof.services()]
    blind = is_blind(facts["days"], silent)
    states, functions_told = {}, []
    for function, proofs, proven in judged:
        own = [(proof.holds and proven, proof.judged and not (blind and proof.live and not proof.holds)) for proof in proofs]
        own += [(answer.holds, answer.judged) for answer in answers[function["id"]] if answer.applies]
        there = any(holds for holds, _ in own)
        lacking = not there and bool(own) and all(known for _, known in own)
        states[function["id"]] = (there, lacking)
        if function["role"] != "optional" or function.get("proofs"):
            without = function["role"] == "condition" and lacking
            functions_told.append((function["id"], "proven" if there else "not-applicable" if without else "missing"))
    found_of = [answer for own in answers.values() for answer in own]
    grade = band_of(item, states)
    numbers = {(a.figures["value"], a.figures["unit"]) for a in found_of if a.applies and a.figures["value"] is not None}
    value, unit = numbers.pop() if grade is not None and len(numbers) == 1 else (None, "")
    shares = [live_share(all_live(judged))] + [a.figures["completeness"] for a in found_of if a.applies]
    shares = [one for one in shares if one is not None]
    members = device_members(facts, judged) + [one for answer in found_of for one in answer.members]
    known = {
        "value": value,
        "unit": unit,
        "functions": functions_told,
        "grade": grade,
        "completeness": min(shares) if shares else None,
    }
    return found(each_once(members), grade is not None, known)
