#!/usr/bin/env python3
"""Holds PITFALLS.md against the tests: each test that it names is there, and nothing is left without a word.

The last cell of a row is `file`: name of a test in it, or `file` alone for what is no doctest, or "not yet: why".
"""

import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent


def names_in(path):
    """Of the test cases of a source file; a long name may stand in pieces."""
    text = path.read_text(encoding="utf-8")
    cases = re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', text)
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', case)) for case in cases}


def fault_of(cell):
    if cell.startswith("not yet: "):
        return None
    named = re.fullmatch(r"`([^`]+)`(?:: (.+))?", cell)
    if not named:
        return "names no test and does not say why"
    path = TESTS / named[1]
    if not path.is_file():
        return f"there is no tests/{named[1]}"
    if path.suffix == ".cpp" and named[2] not in names_in(path):
        return f"tests/{named[1]} has no test of this name"
    return None


def main():
    faults = tests = waiting = 0
    for number, line in enumerate((TESTS / "PITFALLS.md").read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if not line.startswith("|") or set(line) <= set("|- ") or cells[-1] == "test":
            continue
        fault = fault_of(cells[-1]) if len(cells) == 3 else "is no row of three cells"
        if fault:
            print(f"PITFALLS.md:{number}: {fault}: {cells[-1]}")
            faults += 1
        tests += cells[-1].startswith("`")
        waiting += cells[-1].startswith("not yet")
    print(f"{tests} tests, {waiting} not yet, {faults} faults")
    return 1 if faults or not tests else 0


sys.exit(main())
