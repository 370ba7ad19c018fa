"""A pack, from its archive to its total."""

import csv
import io
import json
import zipfile

from common import figures_of
from derive import derive, differences
from ed25519 import is_signed, key_of, signature_of
from measures import attestation
from scoring import score, total
from text import canonical, csv_text, guarded, link_hash, sha256, tables_of

MOST_BYTES = 64 * 2**20
MOST_TOTAL = 2**31
MOST_FILES = 20_000


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
    if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_TOTAL:
        return problems + ["the archive unpacks to too much"]

    def read(path):
        info = archive.getinfo(path)
        with archive.open(info) as stream:
            content = stream.read(MOST_BYTES + 1 if info.compress_type else info.file_size)
        if info.compress_type and len(content) > MOST_BYTES:
            raise ValueError("%s unpacks to too much" % path)
        return content

    try:
        Pack({info.filename for info in infos}, read, problems).inspect()
    except Exception as error:  # whatever a broken pack provokes, it does not hold
        problems.append("the pack cannot be read to its end: %r" % error)
    return problems


class Pack:
    def __init__(self, names, read, problems):
        self.names, self.read, self.problems = names, read, problems
        self.tables, self.tabled, self.documents = set(), set(), set()

    def expect(self, holds, problem):
        if not holds:
            self.problems.append(problem)

    def text(self, path):
        return self.read(path).decode("utf-8")

    def inspect(self):
        self.manifest = self.signed_manifest()
        self.files()
        links = self.chain()
        scores, rubric, bodies, by_measure = [], None, [], {}
        for path in sorted(name for name in self.names if name.startswith("records/")):
            seq = int(path[8:-5])
            body_text = self.text(path)
            self.expect(sha256(body_text) == links[seq - 1]["body"], "%s is not the body that row %d seals" % (path, seq))
            body = json.loads(body_text)
            self.expect(canonical(body) == body_text, "%s is not in its canonical form" % path)
            inputs = self.inputs_of(seq, body)
            rubric = inputs["rubric"]
            scores.append(self.record(seq, body, inputs))
            bodies.append((seq, body))
            measure = body["versions"]["measure"]
            by_measure[measure] = by_measure.get(measure, 0) + 1
        for name in sorted(name for name in self.names if name.startswith("tables/") and name not in self.tables):
            self.problems.append("%s belongs to no evidence" % name)
        if rubric is None:
            self.problems.append("the pack holds no evidence")
            return
        self.expect(self.text("scores.csv") == scores_table(bodies), "scores.csv does not follow from the records")
        found = total(rubric["items"], scores, rubric["points"], rubric.get("form"))
        print(json.dumps({"records": len(scores), "derived": by_measure, "total": found}))

    def signed_manifest(self):
        text = self.text("manifest.json")
        manifest = json.loads(text)
        if manifest["format"] != "parkwatch-evidence-pack-v2" or canonical(manifest) + "\n" != text:
            self.problems.append("manifest.json is not of the form")
        key, key_id = key_of(manifest["publicKey"])
        signature = self.text("manifest.sig")
        self.expect(is_signed(key, text.encode(), signature_of(signature[:-1])), "the signature of the manifest is wrong")
        head = dict(manifest["head"])
        head_signature = head.pop("signature")
        self.expect(key_id == manifest["keyId"] == head["keyId"], "the key id is not that of the key")
        self.expect(is_signed(key, canonical(head).encode(), signature_of(head_signature)), "the signature of the head is wrong")
        return manifest

    def files(self):
        for file in self.manifest["files"]:
            if file["path"] not in self.names:
                self.problems.append("%s is missing" % file["path"])
                continue
            content = self.read(file["path"])
            is_same = sha256(content) == file["sha256"] and len(content) == file["bytes"]
            self.expect(is_same, "%s was changed" % file["path"])
        listed = {file["path"] for file in self.manifest["files"]} | {"manifest.json", "manifest.sig"}
        for name in sorted(self.names - listed):
            self.problems.append("%s was added" % name)

    def chain(self):
        links = [json.loads(line) for line in self.text("chain.ndjson").splitlines()]
        prev = "0" * 64
        for index, link in enumerate(links):
            if link["seq"] != index + 1:
                self.problems.append("row %d is numbered %d" % (index + 1, link["seq"]))
                break
            if link["hash"] != link_hash(link["seq"], prev, link["body"]):
                self.problems.append("the hash of row %d does not follow" % link["seq"])
                break
            prev = link["hash"]
        head = self.manifest["head"]
        is_last = bool(links) and (head["seq"], head["hash"]) == (links[-1]["seq"], links[-1]["hash"])
        self.expect(is_last and head["journal"] == "evidence", "the head is not the last row")
        return links

    def inputs_of(self, seq, body):
        inputs = {}
        for entry in body["inputs"]:
            content = self.read("inputs/%s.json" % entry["sha256"])
            is_sealed = sha256(content) == entry["sha256"] and len(content) == entry["bytes"]
            self.expect(is_sealed, "an input of row %d is not the one that was sealed" % seq)
            inputs[entry["name"]] = json.loads(content.decode("utf-8"))
            if entry["name"] != "rubric" and entry["sha256"] not in self.tabled:
                self.tabled.add(entry["sha256"])
                self.tables_of(entry["sha256"], inputs[entry["name"]])
        return inputs

    def tables_of(self, digest, content):
        for name, table in tables_of(content).items():
            path = "tables/%s/%s.csv" % (digest, name)
            self.tables.add(path)
            is_same = path in self.names and self.text(path) == table
            self.expect(is_same, "%s does not follow from the inputs" % path)
        for document in documents_in(content):
            path = "attachments/%s" % document["sha256"]
            if path in self.documents:
                continue
            self.documents.add(path)
            is_there = path in self.names and sha256(self.read(path)) == document["sha256"]
            self.expect(is_there, "%s is not the document that the facts name" % path)

    def record(self, seq, body, inputs):
        """Everything that a row says is derived anew from its inputs. Returns what it adds to the total."""

        def expect(holds, problem):
            self.expect(holds, "row %d: %s" % (seq, problem))

        facts, rubric = inputs["facts"], inputs["rubric"]
        item = next(entry for entry in rubric["items"] if entry["id"] == body["item"])
        figures, members = derive(facts, item)
        versions = {"measure": facts["measure"], "measureVersion": facts["version"]}
        expect(item["measure"] == facts["measure"], "the measure is not that of the item")
        expect(versions == {name: body["versions"][name] for name in versions}, "the facts are of another measure")
        claims = inputs.get("claims")
        earned = body["measurement"]
        if claims is not None:
            beside = body["computed"]
            self.measurement(seq, figures, beside["measurement"])
            expect(told_score(beside["score"]) == score(item, beside["measurement"]), "what stands beside the claim does not follow")
            figures, _ = attestation(claims, item)
            expect(figures["verdict"] == "sufficient", "no approved claim decides it")
        else:
            expect("computed" not in body, "something stands beside what was computed")
        self.measurement(seq, figures, earned)
        points, convention, band = score(item, earned)
        expect(told_score(body["score"]) == (points, convention, band), "the score does not follow from the measurement")
        by_claim = claims is not None
        basis = "missing" if points is None else "attested" if by_claim else item["basis"]
        expect(body["basis"] == body["score"]["basis"] == basis, "the basis does not follow from the item")
        provenance = {}
        for one in members:
            provenance[one["provenance"]] = provenance.get(one["provenance"], 0) + 1
        expect(body["provenance"] == provenance, "the provenance does not follow from the facts")
        expect(body["demo"] == any(name != "field" for name in provenance), "the demo mark does not follow from the facts")
        period = {name: facts[name] for name in ("from", "to", "timeZone")}
        expect(body["period"] == period and body["asOf"] == facts["asOf"], "the period is not that of the facts")
        shown = {name: item[name] for name in ("clause", "name")}
        shown.update(edition=rubric["edition"], maximum=item["points"], rubric=rubric["id"], item=item["id"])
        expect({name: body[name] for name in shown} == shown, "clause, name or points are not those of the rubric")
        expect(body["park"] == self.manifest["park"] and body["rubric"] == self.manifest["rubric"], "park or rubric are others")
        expect(self.shown_members(seq) == [member_cells(one) for one in members], "its members do not follow from the facts")
        decided = body.get("decided")
        if decided is not None:
            may = points is not None and points["min"] < points["max"] and points["min"] <= decided["points"] <= points["max"]
            expect(may, "what was decided is not inside the range")
            points = {"min": decided["points"], "max": decided["points"]}
        return {"item": body["item"], "points": points, "band": band}

    def measurement(self, seq, figures, told):
        for name in differences(figures, told):
            text = "row %d: the measurement does not follow from the facts: %s is %r, not %r"
            self.problems.append(text % (seq, name, figures_of(told)[name], figures[name]))

    def shown_members(self, seq):
        """The cells of each line of `population/` that are no words."""
        text = self.text("population/%08d.csv" % seq)
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))[1:]
        return [tuple(line[:5]) + ((line[5],) if line[4] != "excluded" else ()) for line in lines]


def member_cells(one):
    noted = () if one["standing"] == "excluded" else ("1" if one["noted"] else "0",)
    return tuple(guarded(one[name]) for name in ("id", "name", "class", "provenance", "standing")) + noted


def told_score(told):
    return told["points"], told["conventionPoints"], told["band"]


def documents_in(value):
    """Wherever a list `documents` stands."""
    if isinstance(value, list):
        for entry in value:
            yield from documents_in(entry)
    elif isinstance(value, dict):
        for name, entry in value.items():
            if name == "documents" and isinstance(entry, list):
                yield from entry
            else:
                yield from documents_in(entry)


COLUMNS = (
    "seq item clause name_zh name_en from to points_min points_max maximum convention_points basis verdict value unit "
    "counted of completeness demo reason_zh reason_en"
).split()


def scores_table(bodies):
    lines = [COLUMNS]
    for seq, body in bodies:
        told, found = body["score"], body["measurement"]
        points = told["points"] or {"min": None, "max": None}
        lines.append(
            [seq, body["item"], body["clause"], body["name"]["zh"], body["name"]["en"]]
            + [body["period"]["from"], body["period"]["to"], points["min"], points["max"], body["maximum"]]
            + [told["conventionPoints"], body["basis"], found["verdict"], found["value"], found["unit"]]
            + [found["population"]["counted"], found["population"]["of"], found["completeness"]]
            + [1 if body["demo"] else 0, told["reason"]["zh"], told["reason"]["en"]]
        )
    return csv_text(lines)
