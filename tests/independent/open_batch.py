#!/usr/bin/python3
"""Opens sealed batches with a researcher's key, and with what custodians released, and prints them as JSON lines: one
for each batch, then one for each record. A batch that breaks one rule of crypto/BATCH_FORMAT.md is refused as a whole:
one line with the document's word for it, and none of its records; with --salvage those of its records that hold, each
marked, and the numbers of the lost ones in the line of the batch. Exit status: 0 all opened, 1 a batch was refused, 2
a key or a file of shares can't be used. Parts of media files are a line each; with --media-to DIR those that submissions
of the same run name are put together there, as DIR/UUID/NAME, never over a file. What no key opens by itself is tried with
the content key in NAME.ffwrap beside NAME.batch, where one of the keys is that of the archive."""
import argparse
import base64
import json
import os
import pathlib
import sys

import batch_format as fmt
from batch_reader import open_batch
from batch_salvage import salvage_batch
from key_file import RESEARCHER, open_key_file
from media_reader import is_redacted, join, open_part, part_count, says_media
from primitives import Refused
from share_file import open_share_file
from study_package import open_study_package
from wrap_file import open_wrap_file


def as_lines(path, batch, salvage=None):
    o, c = batch.open, batch.close
    salvaged = {} if salvage is None else {"salvaged": True}
    lost = {} if salvage is None else {"lost": {c.first_record + index - 1: why for index, why in salvage.lost}}
    yield {**salvaged, **lost, "file": str(path), "batch": batch.batch_id.hex(), "header-tag": batch.header_tag.hex(),
           "device": batch.device_id.hex(), "device-key": o.device_key.hex(), "incarnation": o.incarnation.hex(),
           "study": o.study.hex(), "policy": o.policy_digest.hex(), "policy-version": o.policy_version,
           "form-hash": o.form_hash.hex(), "sequence": o.batch_sequence, "previous": o.previous.hex(),
           "first-record": o.first_record, "records": c.count, "program-version": o.program_version,
           "recipients": [key.hex() for key in o.recipients], "quorum": o.quorum,
           "opened-by": [key.hex() for _, key in batch.content_key.holders],
           "provisional": bool(c.provisional), "last": bool(c.last)}
    for record in batch.records:
        line = {**salvaged, "batch": batch.batch_id.hex(), "type": {fmt.DATA: "data", fmt.WITHDRAW: "withdraw"}[record.type],
                "sequence": record.sequence, "uuid": record.uuid.hex()}
        try:
            line["payload"] = record.payload.decode("utf-8")
        except UnicodeDecodeError:
            line["payload-base64"] = base64.b64encode(record.payload).decode("ascii")
        yield line


def as_text(uuid):
    text = uuid.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def part_line(path, part):
    h = part.head
    return {"file": str(path), "media": part.media_id.hex(), "header-tag": part.header_tag.hex(),
            "device": part.device_id.hex(), "device-key": h.device_key.hex(), "study": h.study.hex(),
            "policy": h.policy_digest.hex(), "policy-version": h.policy_version, "uuid": as_text(h.uuid),
            "part": h.part, "parts": part_count(h.size), "size": h.size, "media-hash": h.media_hash.hex(),
            "recipients": [key.hex() for key in h.recipients], "quorum": h.quorum,
            "opened-by": [key.hex() for _, key in part.content_key.holders]}


def named_media(batches):
    """(device, uuid, hash, size, name) of what submissions name."""
    for batch in batches:
        for record in batch.records:
            if record.type == fmt.DATA:
                for media in json.loads(record.payload).get("media", ()):
                    yield batch.device_id, record.uuid, bytes.fromhex(media["hash"]), media["size"], media["name"]


def write_new(folder, name, content):
    """Why it was not written, whole; None where it was."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        return str(error)
    try:
        number = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return "there is a file of this name already"
    except OSError as error:
        return str(error)
    try:
        with open(number, "wb") as file:
            file.write(content)
    except OSError as error:
        (folder / name).unlink()
        return str(error)
    return None


def write_media(folder, batches, parts):
    """A line for each file that is named, once where a submission came twice. A restored device may have given one name
    to two files: the first is written."""
    for device, uuid, media_hash, size, name in dict.fromkeys(named_media(batches)):
        line = {"uuid": as_text(uuid), "name": name}
        try:
            media = join([part for part in parts if (part.device_id, part.head.uuid, part.head.media_hash) ==
                          (device, uuid, media_hash)], media_hash, size)
        except Refused as error:
            yield {**line, "written": False, "why": error.why}
            continue
        if "/" in name or name.startswith("."):
            yield {**line, "written": False, "why": "no neutral name"}
            continue
        why = write_new(folder / as_text(uuid), name, media)
        yield {**line, "written": False, "why": why} if why else {**line, "written": True}


def with_any_key(open_one, path, data, secrets, *keys):
    """By the slots, or else with what was archived of it; refused by the slots' word where there is no such thing."""
    try:
        return open_one(data, secrets, *keys)
    except Refused as refused:
        wrap = path.with_suffix(".ffwrap")
        if refused.word not in ("not_openable", "psk_missing", "too_few_shares", "damaged") or not wrap.exists():
            raise
        try:
            archived = open_wrap_file(wrap.read_bytes(), secrets)
        except Refused:
            raise refused
        return open_one(data, secrets, *keys, archived=archived)


def salvaged_lines(path, *keys):
    try:
        found = with_any_key(salvage_batch, path, path.read_bytes(), *keys)
    except Refused as error:
        return [{"file": str(path), "salvaged": False, "why": error.why}]
    return list(as_lines(path, found.batch, found))


def read_key(path):
    """A researcher's KeyFile; its passphrase is the next line of standard input."""
    if sys.stdin.isatty():
        print(f"Passphrase of {path}: ", end="", file=sys.stderr, flush=True)
    key = open_key_file(path.read_bytes(), sys.stdin.readline().rstrip("\r\n"))
    if key.kind != RESEARCHER:
        raise ValueError(f"the key of a study root opens no batches")
    return key


def read_secret_hex(path):
    secret = bytes.fromhex(path.read_text("ascii"))
    if len(secret) != 32:
        raise ValueError("a key has 32 bytes, 64 hexadecimal digits")
    return secret


def read_shares(path, secrets):
    """A file is sealed to one of our keys."""
    data = path.read_bytes()
    for secret in secrets:
        try:
            return open_share_file(data, secret).shares
        except Refused as refused:
            if refused.word != "not_openable":
                raise
    raise ValueError(f"sealed to another analyst")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  echo 'correct horse battery staple' | ./open_batch.py --key researcher.ffkey final.batch\n"
               "\nStudy, policy and device stand in the batch and are checked against its slot and signature. Whether\n"
               "the device is in the roster, and gaps, replays and branches, are left to whoever reads the lines.")
    parser.add_argument("file", nargs="+", type=pathlib.Path, help="sealed batches")
    parser.add_argument("--key", type=pathlib.Path, action="append", default=[], metavar="NAME.ffkey",
                        help="a researcher's key file; its passphrase is a line of standard input; may be given again")
    parser.add_argument("--secret-hex-file", type=pathlib.Path, action="append", default=[], metavar="FILE",
                        help="a file with an X25519 secret key, 64 hexadecimal digits; may be given again")
    parser.add_argument("--shares", type=pathlib.Path, action="append", default=[], metavar="FILE.ffshare",
                        help="shares that a custodian released (extract_shares.py); may be given again")
    parser.add_argument("--psk-hex-file", type=pathlib.Path, action="append", default=[], metavar="FILE",
                        help="a file with a pre-shared key of the study, 64 hexadecimal digits; may be given again")
    parser.add_argument("--study", type=pathlib.Path, action="append", default=[], metavar="S.ffstudy",
                        help="a study file, for its dictionary and its pre-shared keys; may be given again")
    parser.add_argument("--dictionary", type=pathlib.Path, action="append", default=[], metavar="FILE",
                        help="a dictionary that batches may name; may be given again")
    parser.add_argument("--salvage", action="store_true",
                        help="release the records that hold of batches that are damaged, marked as salvaged")
    parser.add_argument("--media-to", type=pathlib.Path, metavar="DIR",
                        help="put media files together there that the batches given name")
    options = parser.parse_args()
    if not options.key and not options.secret_hex_file:
        parser.error("a key is needed: --key or --secret-hex-file")
    path = None
    try:
        secrets, shares = [], []
        for path in options.key:
            secrets.append(read_key(path).box_secret)
        for path in options.secret_hex_file:
            secrets.append(read_secret_hex(path))
        for path in options.shares:
            shares += read_shares(path, secrets)
        psks = []
        for path in options.psk_hex_file:
            psks.append(read_secret_hex(path))
        dictionaries = [path.read_bytes() for path in options.dictionary]
        for path in options.study:
            study = open_study_package(path.read_bytes())
            dictionaries.append(study.dictionary)
            psks += study.psks
    except (Refused, ValueError, OSError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        sys.exit(2)
    refused, batches, parts = False, [], []
    for path in options.file:
        try:
            data = path.read_bytes()
            if is_redacted(data, secrets, shares, psks):
                lines = [{"file": str(path), "redacted": True}]
            elif says_media(data):
                parts.append(with_any_key(open_part, path, data, secrets, shares, psks))
                lines = [part_line(path, parts[-1])]
            else:
                batches.append(with_any_key(open_batch, path, data, secrets, dictionaries, shares, psks))
                lines = list(as_lines(path, batches[-1]))
        except Refused as error:
            refused, lines = True, [{"file": str(path), "refused": error.word, "why": error.why}]
            if options.salvage and error.word == "damaged" and not says_media(data):
                lines += salvaged_lines(path, secrets, dictionaries, shares, psks)
        except OSError as error:
            refused, lines = True, [{"file": str(path), "refused": "cannot_read", "why": str(error)}]
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))
    for line in write_media(options.media_to, batches, parts) if options.media_to else ():
        refused = refused or not line["written"]
        print(json.dumps(line, ensure_ascii=False))
    sys.exit(refused)


if __name__ == "__main__":
    main()
