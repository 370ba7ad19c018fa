"""Canonical text (RFC 8785), digests, lines of a day, and the tables of an input."""

import hashlib
import math


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


def link_hash(seq, prev, body):
    return sha256(canonical({"v": "parkwatch-journal-v1", "journal": "evidence", "seq": seq, "prev": prev, "body": body}))


def day_lines(readings):
    return "".join("%d %s %d\n" % (r["timeUs"], number(r["value"]), r["quality"]) for r in readings)


def utf16(text):
    return text.encode("utf-16-be")


def is_list_of_objects(value):
    return isinstance(value, list) and value != [] and all(isinstance(entry, dict) for entry in value)


def guarded(text):
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") and text != "" else text


def csv_cell(value):
    if value is None:
        return ""
    if value is True or value is False:
        value = "true" if value else "false"
    elif isinstance(value, (int, float)):
        return number(value)
    elif isinstance(value, list):
        value = canonical(value)
    value = guarded(value)
    if any(sign in value for sign in ",\"\r\n"):
        value = '"' + value.replace('"', '""') + '"'
    return value


def csv_text(lines):
    return "\ufeff" + "".join(",".join(csv_cell(cell) for cell in line) + "\r\n" for line in lines)


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
        short = "".join("-" + c.lower() if "A" <= c <= "Z" else c for c in name or "facts")
        short = "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789." else "-" for c in short)
        files["%02d-%s" % (index, short)] = csv_text(lines)
    return files
