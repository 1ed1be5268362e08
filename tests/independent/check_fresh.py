#!/usr/bin/python3
"""Makes a study, devices and interviews with the project's own program, opens the sealed batches with that program and
with this reader, and compares every record. Exit status 1 if anything differs."""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from batch_reader import open_batch
from key_file import open_key_file
from public_key import read_public_key
from study_package import open_study_package

PASSPHRASE = "correct horse battery staple"
TOP = pathlib.Path(__file__).resolve().parents[2]


class Desk:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, *arguments, passphrases=1):
        """The passphrase goes through a pipe, never through the command line."""
        read, write = os.pipe()
        os.write(write, f"{PASSPHRASE}\n".encode() * passphrases)
        os.close(write)
        done = subprocess.run([self.program, *arguments, "--passphrase-fd", str(read)], cwd=self.folder, pass_fds=[read],
                              capture_output=True, text=True)
        os.close(read)
        if done.returncode != 0:
            sys.exit(f"fieldfare-cli {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")

    def key(self, name, *more):
        self.run("key", "new", name, "--cost", "low", *more)

    def secret(self, name):
        return open_key_file((self.folder / f"{name}.ffkey").read_bytes(), PASSPHRASE).box_secret


def by_our_program(desk):
    """Uuid -> (payload, batch, device, sequence), from survey.jsonl and survey.csv."""
    desk.run("open", "--study", "s.ffstudy", "--key", "anna.ffkey", "--roster", "s.ffroster", "--inbox", "inbox",
             "--out", "results", "--no-receipts")
    results = desk.folder / "results"
    lines = results.joinpath("survey.jsonl").read_bytes().split(b"\n")[:-1]
    payloads = {json.loads(line)["id"]: line for line in lines}
    with results.joinpath("survey.csv").open(encoding="utf-8", newline="") as table:
        return {row["KEY"]: (payloads[row["KEY"]], row["BATCH"], row["DEVICE"], row["RECORD"])
                for row in csv.DictReader(table)}


def by_this_reader(desk, study):
    """The same; every fact of a batch that the study file can confirm is compared here."""
    secret = desk.secret("anna")
    ours = read_public_key((desk.folder / "anna.ffpub").read_text("ascii")).box_public
    found = {}
    for path in sorted((desk.folder / "inbox").glob("*.batch")):
        batch = open_batch(path.read_bytes(), [secret], [study.dictionary], psks=study.psks)
        opened = batch.open
        assert (opened.study, opened.policy_digest, opened.form_hash) == (study.study, study.policy_digest, study.form_hash)
        assert opened.recipients == [ours] and opened.quorum == 0
        for record in batch.records:
            text = record.uuid.hex()
            uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
            assert uuid not in found
            found[uuid] = (record.payload, batch.batch_id.hex(), batch.device_id.hex(), str(record.sequence))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path, help="fieldfare-cli")
    parser.add_argument("--interviews", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fieldfare-") as folder:
        desk = Desk(options.program.resolve(), pathlib.Path(folder))
        desk.key("root", "--root")
        desk.key("anna")
        desk.run("study", "build", str(TOP / "assets" / "questionnaire" / "mobility_engagement.xlsx"), "--recipient",
                 "anna.ffpub", "--root", "root.ffkey", "--out", "s.ffstudy", "--pre-shared-key")
        desk.run("simulate", "--study", "s.ffstudy", "--interviews", str(options.interviews), "--devices", "3", "--out",
                 "inbox", "--roster", "s.ffroster", "--root", "root.ffkey")
        study = open_study_package((desk.folder / "s.ffstudy").read_bytes())
        ours, this = by_our_program(desk), by_this_reader(desk, study)
    if not study.dictionary or len(ours) != options.interviews or ours.keys() != this.keys():
        sys.exit(f"{len(ours)} records opened by the program, {len(this)} by this reader, dictionary of "
                 f"{len(study.dictionary)} bytes")
    different = [uuid for uuid in this if this[uuid] != ours[uuid]]
    for uuid in different:
        print(f"{uuid}: the program and this reader differ")
    print(f"{len(this)} records in both readers, {len(different)} differ")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
