#!/usr/bin/python3
"""Releases a custodian's shares of sealed batches, and of parts of media files, to an analyst: a `.ffshare` file
(crypto/KEYS.md), with which the analyst opens those and nothing else. Nothing is written when one has no share for the
key, or the share is not the one that the device meant, or it is not of the study and policy given. Exit status: 0
written, 1 a batch was refused, 2 a key can't be used or the file not be written."""
import argparse
import os
import pathlib
import sys

import batch_reader
import media_reader
from key_file import RESEARCHER
from open_batch import read_key
from primitives import Refused
from public_key import read_public_key
from share_file import write_entry, write_share_file


def hexadecimal(size):
    def read(text):
        data = bytes.fromhex(text)
        if len(data) != size:
            raise ValueError
        return data
    read.__name__ = f"{2 * size} hexadecimal digits"  # as argparse names it
    return read


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  echo 'correct horse battery staple' | ./extract_shares.py --key custodian.ffkey \\\n"
               "      --analyst analyst.ffpub --study 6d0c… --policy 81af… --out analyst.ffshare *.batch")
    parser.add_argument("file", nargs="+", type=pathlib.Path, help="sealed batches")
    parser.add_argument("--key", type=pathlib.Path, required=True, metavar="NAME.ffkey",
                        help="the custodian's key file; its passphrase is the first line of standard input")
    parser.add_argument("--analyst", type=pathlib.Path, required=True, metavar="NAME.ffpub",
                        help="the analyst's public key, the one who asked: compare its digits first")
    parser.add_argument("--study", type=hexadecimal(16), required=True, help="id of the study, hexadecimal")
    parser.add_argument("--policy", type=hexadecimal(32), required=True, action="append",
                        help="digest of a policy of the study, hexadecimal; may be given again")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="FILE.ffshare",
                        help="a file that is not there")
    options = parser.parse_args()
    path = options.analyst
    try:
        analyst = read_public_key(path.read_text("ascii"))
        if analyst.kind != RESEARCHER:
            raise ValueError("the key of a study root opens nothing")
        path = options.key
        key = read_key(path)
    except (Refused, ValueError, OSError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        sys.exit(2)
    entries = []
    known = [(options.study, policy) for policy in options.policy]
    for path in options.file:
        try:
            data = path.read_bytes()
            read = media_reader.read_file if media_reader.says_media(data) else batch_reader.read_file
            entries += map(write_entry, batch_reader.shares_to_release(data, [key.box_secret], known, read))
        except (Refused, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            sys.exit(1)
    data = write_share_file(entries, key.box_secret, key.sign_seed, analyst.box_public, os.urandom(32))
    try:
        with open(options.out, "xb") as out:
            out.write(data)
    except OSError as error:
        print(f"{options.out}: {error}", file=sys.stderr)
        sys.exit(2)
    print(f"{len(entries)} shares for {analyst.label or analyst.box_public.hex()} in {options.out}")


if __name__ == "__main__":
    main()
