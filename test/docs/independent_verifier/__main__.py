"""A second verifier of evidence packs, written from docs/evidence-format.md and the documents that it names: nothing of the
project's code is used, only Python's standard library. It exists to show that the documents are enough, and to disagree when
the code strays from them.

    python3 independent_verifier PACK.zip        exit code 0 only when everything holds
    python3 independent_verifier --vectors FILE  checks itself against docs/evidence-vectors.json
    python3 independent_verifier --derive FILE   checks a list of {title, item, facts, measurement, score}
"""

import sys

sys.dont_write_bytecode = True

from pack import check  # noqa: E402
from vectors import check_derived, check_vectors  # noqa: E402

if sys.argv[1] == "--vectors":
    problems = check_vectors(sys.argv[2])
elif sys.argv[1] == "--derive":
    problems = check_derived(sys.argv[2])
else:
    problems = check(sys.argv[1])
for problem in problems:
    print("FAILED " + problem)
print("HOLDS" if not problems else "DOES NOT HOLD")
sys.exit(0 if not problems else 1)
