"""Every measure by its name and version."""

from common import NotTaught, figures_of
from functions import functions, parts
from measures import (
    attestation,
    environment_monitoring,
    registry,
    remote_metering,
    space_coverage,
    video_quality,
    video_retention,
)
from records import records

MEASURES = {
    ("attestation", 1): attestation,
    ("environment-monitoring", 1): environment_monitoring,
    ("functions", 1): functions,
    ("parts", 1): parts,
    ("records", 1): records,
    ("registry", 1): registry,
    ("remote-metering", 1): remote_metering,
    ("space-coverage", 1): space_coverage,
    ("video-quality", 1): video_quality,
    ("video-retention", 1): video_retention,
}


def derive(facts, item):
    """(figures, members) of an item from the facts that were collected for it."""
    measure = MEASURES.get((facts["measure"], facts["version"]))
    if measure is None:
        raise NotTaught("%s version %s" % (facts["measure"], facts["version"]))
    if facts.get("item", item["id"]) != item["id"]:
        raise ValueError("the facts are those of %s" % facts["item"])
    return measure(facts, item)


def differences(found, measurement):
    """The names of the figures in which a measurement that is told differs from the one that was found."""
    told = figures_of(measurement)
    return [name for name in told if not same(found[name], told[name])]


def same(a, b):
    if isinstance(a, bool) != isinstance(b, bool):
        return False
    return a == b
