#!/usr/bin/env python3
"""No two types have one name: not in what every program is made of, nor in the tests.

Two types of one name in two sources compile and link without a word, and the linker then takes the members and
templates of one for both (the one-definition rule, [basic.def.odr]); g++ sees it only where everything is optimised at
the link (-Wodr). What stands in a namespace without a name, or inside a type or a function, may be called as it likes.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NO_CODE = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"(\w*)\(.*?\)\1\"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)
BRACES = re.compile(
    r"namespace\s*(?P<space>[\w:]*)\s*\{"
    r"|\b(?:struct|class|enum|union)\s+(?P<type>(?:\w+::)*\w+)\s*(?:final\s*)?(?::(?!:)[^;{}()]*)?\{"
    r"|[{}]")


def types_in(text):
    """Whole names of the types that a source defines for all others to see."""
    around = []  # of each open brace the namespace's name, or None
    for found in BRACES.finditer(NO_CODE.sub(" ", text)):
        if found[0] == "}":
            around.pop()
        elif found[0].startswith("namespace"):
            around.append(found["space"] or None)
        else:
            if found["type"] and None not in around:
                yield "::".join([*around, found["type"]])
            around.append(None)


def main():
    places = collections.defaultdict(set)
    for folder in ("client", "crypto", "schema", "sync", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in (".h", ".cpp"):
                continue
            for name in types_in(re.sub(r"\benum\s+class\b", "enum", path.read_text(encoding="utf-8"))):
                places[name].add(str(path.relative_to(ROOT)))
    if len(places) < 500:
        sys.exit(f"tests/check_types.py: only {len(places)} types were found")
    twice = {name: files for name, files in places.items() if len(files) > 1}
    for name, files in sorted(twice.items()):
        print(f"{name} is a type in {' and in '.join(sorted(files))}")
    return 1 if twice else 0


if __name__ == "__main__":
    sys.exit(main())
