#!/usr/bin/python3
"""Runs this reader over test vectors and says which come out otherwise than they say. Exit status 1 if any does."""
import argparse
import hashlib
import pathlib
import sys

from batch_reader import open_batch
from make_vectors import make
from primitives import Refused
from vector_file import decode


def difference(vector):
    """None, or what came out otherwise."""
    try:
        batch = open_batch(vector.data, [vector.secret], [] if vector.dictionary is None else [vector.dictionary])
    except Refused as refused:
        return None if refused.word == vector.expect else f"expected {vector.expect}, came out {refused}"
    if vector.expect != "opened":
        return f"expected {vector.expect}, was opened"
    found = (batch.batch_id.hex(), len(batch.records),
             hashlib.sha256(b"".join(record.payload for record in batch.records)).hexdigest())
    said = (vector.batch_id, vector.records, vector.payload_sha256)
    return None if found == said else f"opened as {found}, expected {said}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="*", type=pathlib.Path, help="folders of files NAME.vector")
    parser.add_argument("--large", action="store_true", help="also those that are too large to be kept: made in memory")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each vector")
    options = parser.parse_args()
    right = wrong = 0
    files = {path.name: path.read_bytes() for folder in options.folder for path in sorted(folder.glob("*.vector"))}
    for name, data in (files | (make(with_large=True) if options.large else {})).items():
        differs = difference(decode(data))
        right, wrong = right + (differs is None), wrong + (differs is not None)
        if differs or options.verbose:
            print(f"{name}: {differs or 'as it says'}")
    print(f"{right} vectors as they say, {wrong} otherwise")
    sys.exit(wrong > 0 or right == 0)


if __name__ == "__main__":
    main()
