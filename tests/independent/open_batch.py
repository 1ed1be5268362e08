#!/usr/bin/python3
"""Opens sealed batches with a researcher's key and prints them as JSON lines: one for each batch, then one for each
record. A batch that breaks one rule of crypto/BATCH_FORMAT.md is refused as a whole: one line with the document's word for
it, and none of its records. Exit status: 0 all opened, 1 a batch was refused, 2 the key can't be used."""
import argparse
import base64
import json
import pathlib
import sys

import batch_format as fmt
from batch_reader import open_batch
from key_file import RESEARCHER, open_key_file
from primitives import Refused


def as_lines(path, batch):
    o, c = batch.open, batch.close
    yield {"file": str(path), "batch": batch.batch_id.hex(), "header-tag": batch.header_tag.hex(),
           "device": batch.device_id.hex(), "device-key": o.device_key.hex(), "incarnation": o.incarnation.hex(),
           "study": o.study.hex(), "policy": o.policy_digest.hex(), "policy-version": o.policy_version,
           "form-hash": o.form_hash.hex(), "sequence": o.batch_sequence, "previous": o.previous.hex(),
           "first-record": o.first_record, "records": c.count, "program-version": o.program_version,
           "recipients": [key.hex() for key in o.recipients],
           "provisional": bool(c.provisional), "last": bool(c.last)}
    for record in batch.records:
        line = {"batch": batch.batch_id.hex(), "type": {fmt.DATA: "data", fmt.WITHDRAW: "withdraw"}[record.type],
                "sequence": record.sequence, "uuid": record.uuid.hex()}
        try:
            line["payload"] = record.payload.decode("utf-8")
        except UnicodeDecodeError:
            line["payload-base64"] = base64.b64encode(record.payload).decode("ascii")
        yield line


def read_secret(options):
    if options.secret_hex_file:
        secret = bytes.fromhex(options.secret_hex_file.read_text("ascii"))
        if len(secret) != 32:
            raise ValueError("a secret key has 32 bytes")
        return secret
    if sys.stdin.isatty():
        print("Passphrase: ", end="", file=sys.stderr, flush=True)
    key = open_key_file(options.key.read_bytes(), sys.stdin.readline().rstrip("\r\n"))
    if key.kind != RESEARCHER:
        raise ValueError("the key of a study root opens no batches")
    return key.box_secret


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  echo 'correct horse battery staple' | ./open_batch.py --key researcher.ffkey final.batch\n\n"
               "Study, policy and device stand in the batch and are checked against its slot and its signature. Whether the\n"
               "device is in the roster, and gaps, replays and branches, are left to whoever reads the lines.")
    parser.add_argument("file", nargs="+", type=pathlib.Path, help="sealed batches")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--key", type=pathlib.Path, metavar="NAME.ffkey",
                     help="a researcher's key file; its passphrase is the first line of standard input")
    key.add_argument("--secret-hex-file", type=pathlib.Path, metavar="FILE",
                     help="a file with an X25519 secret key, 64 hexadecimal digits")
    parser.add_argument("--dictionary", type=pathlib.Path, action="append", default=[], metavar="FILE",
                        help="a dictionary that batches may name; may be given again")
    options = parser.parse_args()
    try:
        secret = read_secret(options)
        dictionaries = [path.read_bytes() for path in options.dictionary]
    except (Refused, ValueError, OSError) as error:
        print(f"{options.key or options.secret_hex_file}: {error}", file=sys.stderr)
        sys.exit(2)
    refused = False
    for path in options.file:
        try:
            lines = list(as_lines(path, open_batch(path.read_bytes(), [secret], dictionaries)))
        except Refused as error:
            refused, lines = True, [{"file": str(path), "refused": error.word, "why": error.why}]
        except OSError as error:
            refused, lines = True, [{"file": str(path), "refused": "cannot_read", "why": str(error)}]
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))
    sys.exit(refused)


if __name__ == "__main__":
    main()
