#!/usr/bin/python3
"""Runs this reader over test vectors, and salvages each batch, and says what comes out otherwise than they say. Exit
status 1 if anything does."""
import argparse
import hashlib
import pathlib
import sys

from batch_reader import fits, open_batch, read_file
from make_vectors import large_set, make, media_set, salvage_table
from media_reader import open_part, says_media
from primitives import Refused
from share_file import open_share_file, write_entry
from vector_file import decode
from wrap_file import open_wrap_file


def difference(vector, batches):
    """None, or what came out otherwise. `batches`: those of the vectors that it names."""
    try:
        if vector.kind == "shares":
            found, said = opened_shares(vector, batches)
        elif vector.kind == "media":
            found, said = opened_media(vector, vector.data)
        elif vector.kind == "wrap":
            found, said = opened_with(open_wrap_file(vector.data, vector.secrets), vector, batches[0])
        else:
            found, said = opened_batch(vector, batches[0] if batches else vector.data)
    except Refused as refused:
        return None if refused.word == vector.expect else f"expected {vector.expect}, came out {refused}"
    if vector.expect != "opened":
        return f"expected {vector.expect}, was opened"
    return None if found == said else f"opened as {found}, expected {said}"


def opened_with(archived, vector, data):
    return (opened_media if says_media(data) else opened_batch)(vector, data, archived)


def opened_batch(vector, data, archived=None):
    dictionaries = [] if vector.dictionary is None else [vector.dictionary]
    batch = open_batch(data, vector.secrets, dictionaries, vector.shares, vector.psks, archived)
    payloads = b"".join(record.payload for record in batch.records)
    return ((batch.batch_id.hex(), len(batch.records), hashlib.sha256(payloads).hexdigest()),
            (vector.batch_id, vector.records, vector.payload_sha256))


def opened_media(vector, data, archived=None):
    part = open_part(data, vector.secrets, vector.shares, archived=archived)
    return ((part.media_id.hex(), part.head.media_hash.hex(), hashlib.sha256(part.content).hexdigest()),
            (vector.batch_id, vector.media_hash, vector.payload_sha256))


def opened_shares(vector, batches):
    file = open_share_file(vector.data, vector.secrets[0])
    entries = b"".join(map(write_entry, file.shares))
    fitting = sum(fits(share, read_file(batch)[0]) for share, batch in zip(file.shares, batches))
    return ((file.custodian.hex(), file.custodian_sign.hex(), fitting, hashlib.sha256(entries).hexdigest()),
            (vector.custodian, vector.custodian_sign, vector.entries, vector.entries_sha256))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="*", type=pathlib.Path, help="folders of files NAME.vector")
    parser.add_argument("--large", action="store_true", help="also those that are too large to be kept: made in memory")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each vector")
    parser.add_argument("--media", action="store_true", help="also all of media files: made in memory")
    options = parser.parse_args()
    right = wrong = 0
    files = {path.name: path.read_bytes() for folder in options.folder for path in sorted(folder.glob("*.vector"))}
    files |= make(large_set) if options.large else {}
    files |= make(media_set) if options.media else {}
    vectors = {name: decode(data) for name, data in files.items() if name.endswith(".vector")}
    for name, vector in vectors.items():
        differs = difference(vector, [vectors[f"{other}.vector"].data for other in vector.batch_of])
        right, wrong = right + (differs is None), wrong + (differs is not None)
        if differs or options.verbose:
            print(f"{name}: {differs or 'as it says'}")
    for table in (folder / "salvage.txt" for folder in options.folder):
        said = set(table.read_bytes().splitlines())
        found = set(salvage_table({path.name: path.read_bytes() for path in table.parent.glob("*.vector")}).splitlines())
        right, wrong = right + len(said & found), wrong + len(said ^ found)
        for line in sorted(said - found):
            print(f"{table.name}: not so: {line.decode('ascii')}")
    print(f"{right} vectors and lines as they say, {wrong} otherwise")
    sys.exit(wrong > 0 or right == 0)


if __name__ == "__main__":
    main()
