"""The vectors of docs/evidence-vectors.json."""

import base64
import json

from common import figures_of
from derive import derive, differences
from ed25519 import is_signed, key_of, signature_of
from scoring import score, total
from text import canonical, day_lines, link_hash, sha256, tables_of


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
    for vector in vectors["derive"] + vectors["parts"]:
        figures, _ = derive(vector["facts"], vector.get("item", {"id": None}))
        expect(vector["title"], differences(figures, vector["measurement"]), [])
    for vector in vectors["tables"]:
        expect("tables", tables_of(vector["facts"]), vector["files"])
    t = vectors["total"]
    expect("total", total(t["items"], t["scores"], t["rubricPoints"]), t["total"])
    archive = base64.b64decode(vectors["archive"]["base64"])
    expect("archive comment", sha256(archive[:-64]), vectors["archive"]["comment"])
    return problems


def check_derived(name):
    with open(name, encoding="utf-8") as file:
        cases = json.load(file)
    problems = []
    for case in cases:
        figures, _ = derive(case["facts"], case["item"])
        told = figures_of(case["measurement"])
        for figure in differences(figures, case["measurement"]):
            problems.append("%s: %s is %r, not %r" % (case["title"], figure, told[figure], figures[figure]))
        points, convention, band = score(case["item"], case["measurement"])
        if {"points": points, "conventionPoints": convention, "band": band} != case["score"]:
            problems.append("%s: %r, not %r" % (case["title"], (points, convention, band), case["score"]))
    return problems
