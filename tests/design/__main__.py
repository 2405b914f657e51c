"""Say what is wrong with the colors of the design system; the exit status is 1 where anything is."""

import sys

from tests.design.palette import PAIRS, SETS, TOKENS, missing, problems, schemes


def main() -> int:
    text = TOKENS.read_text("utf-8")
    found = [*missing(text), *problems(text)]
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print(f"Colors: {len(schemes(text))} schemes, {len(PAIRS)} pairs and {len(SETS)} sets hold.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
