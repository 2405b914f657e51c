"""`python -m tests.audit`: what well-known checkers say of the site's pages, on the real data set.

    python -m tests.audit [vnu] [lighthouse] [opening] [--every] [--runs 3]

- vnu, the Nu Html Checker: no error on any kind of page (`--every`: on every page of the sitemap);
- Lighthouse, as on a phone: at least 98 in all four categories, the median of several runs;
- opening, in Chromium: the timeline of 10,000 generated events is usable within 1.5 times the time of that of 50, and
  no task of it takes more than 100 ms; medians of several visits in turns.

Needs node (npx fetches both checkers at the versions pinned here), java and chromium. Data stay in DATA_DIR/audit-*.
The exit status is 1 where anything misses its mark.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from tests.audit import lighthouse, opening, site, vnu

PARTS = ("vnu", "lighthouse", "opening")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; all, where none is named")
    parser.add_argument("--every", action="store_true", help="let vnu read every page of the sitemap")
    parser.add_argument("--runs", type=int, default=3, help="runs of Lighthouse on each page")
    options = parser.parse_args()
    parts = options.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    if missing := [program for program in ("npx", "java", "chromium") if not shutil.which(program)]:
        raise SystemExit(f"make audit needs {', '.join(missing)} (Debian: npm, default-jre-headless, chromium).")
    problems = []
    if "vnu" in parts or "lighthouse" in parts:
        with site.of_real_data() as server:
            if "vnu" in parts:
                problems += vnu.audit(server, every=options.every)
            if "lighthouse" in parts:
                problems += lighthouse.audit(server, runs=options.runs)
    if "opening" in parts:
        problems += opening.audit()
    print("\n" + "\n".join(problems or ["All marks are reached."]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
