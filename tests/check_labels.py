#!/usr/bin/env python3
"""Every hash, key and signature has a label of its own, and a page of the specification says what it is for.

Two uses with one label would make the result of one good for the other; a label that stands on no page is a format
that nobody else can read.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ("crypto/BATCH_FORMAT.md", "crypto/KEYS.md", "client/study/STUDY_PACKAGE.md", "sync/SYNC.md")
LABEL = re.compile(r'["`](FF[A-Z]\d [ -!#-_a-~]{11})["`]')
# What a label is given to, as it stands before it; both halves of a pair are one use.
USE = re.compile(r"\b(fingerprint_of|keyed_hash_into|keyed_hash|hash_into|hash|derive|sign|verify|seal|unseal)"
                 r"(?:_checked)?\s*[<(]")
SAME = {"verify": "sign", "unseal": "seal", "keyed_hash_into": "keyed_hash", "hash_into": "hash", "derive": "keyed_hash"}


def main():
    faults = []
    documented = {}
    for page in PAGES:
        for label in LABEL.findall((ROOT / page).read_text(encoding="utf-8")):
            documented.setdefault(label, page)
    uses = {}
    for folder in ("crypto", "client", "sync", "schema"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".cpp", ".h"):
                continue
            text = path.read_text(encoding="utf-8")
            for found in LABEL.finditer(text):
                before = USE.findall(text[max(0, found.start() - 200):found.start()])
                if not before and found[1] in uses:
                    continue  # a header that tells of it
                use = before[-1] if before else "a constant"
                uses.setdefault(found[1], {}).setdefault(SAME.get(use, use), path.relative_to(ROOT))
    for label, kinds in sorted(uses.items()):
        if label not in documented:
            faults.append(f'"{label}" ({", ".join(map(str, kinds.values()))}) stands on no page of the specification')
        if len(kinds) > 1:
            faults.append(f'"{label}" has {len(kinds)} uses: ' + ", ".join(f"{use} in {at}" for use, at in kinds.items()))
    for label, page in sorted(documented.items()):
        if label not in uses:
            faults.append(f'"{label}" stands in {page} and in no source')
    for fault in faults:
        print(fault)
    print(f"{len(uses)} labels in the sources, {len(documented)} on the pages, {len(faults)} faults")
    return 1 if faults or not uses else 0


sys.exit(main())
