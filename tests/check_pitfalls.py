#!/usr/bin/env python3
"""Holds PITFALLS.md and crypto/THREATS.md against the tests: each test that they name is there, and nothing is left
without a word.

The last cell of a row is `file`: name of a test in it, or `file` alone for what is no doctest or a whole file of them,
or "not yet: why", or "limit: why".
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
    if cell.startswith(("not yet: ", "limit: ")):
        return None
    named = re.fullmatch(r"`([^`]+)`(?:: (.+))?", cell)
    if not named:
        return "names no test and does not say why"
    path = TESTS / named[1]
    if not path.is_file():
        return f"there is no tests/{named[1]}"
    if path.suffix == ".cpp" and named[2] and named[2] not in names_in(path):
        return f"tests/{named[1]} has no test of this name"
    return None


def check(page):
    """Counts of tests, of "not yet", of "limit" and of faults."""
    tests = waiting = limits = faults = 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if not line.startswith("|") or set(line) <= set("|- ") or cells[-1] == "test":
            continue
        fault = fault_of(cells[-1]) if len(cells) == 3 else "is no row of three cells"
        if fault:
            print(f"{page.name}:{number}: {fault}: {cells[-1]}")
            faults += 1
        tests += cells[-1].startswith("`")
        waiting += cells[-1].startswith("not yet")
        limits += cells[-1].startswith("limit")
    print(f"{page.name}: {tests} tests, {waiting} not yet, {limits} limits, {faults} faults")
    return faults == 0 and tests > 0


def main():
    return 0 if all([check(TESTS / "PITFALLS.md"), check(TESTS.parent / "crypto" / "THREATS.md")]) else 1


sys.exit(main())
