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
from media_reader import join, open_part, says_media
from open_batch import as_text, named_media
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


MEDIA_FORM = """type,name,label
text,say,Say
image,photo,A photo
begin_repeat,wound,Wounds
image,picture,A picture
end_repeat,,
audio,voice,Say it
video,film,A film
"""


def check_media(desk):
    """(media files that this reader puts together, those that the program does not write so). 31 is a seed with a film of
    two parts among few interviews."""
    form = desk.folder / "form"
    form.mkdir()
    form.joinpath("survey.csv").write_text(MEDIA_FORM, "ascii")
    form.joinpath("settings.csv").write_text("form_title,form_id,version\nMedia,media,1\n", "ascii")
    desk.run("study", "build", "form", "--pre-shared-key", "--recipient", "anna.ffpub", "--root", "root.ffkey", "--out",
             "m.ffstudy")
    desk.run("simulate", "--study", "m.ffstudy", "--interviews", "6", "--devices", "2", "--seed", "31", "--out", "media-inbox",
             "--roster", "m.ffroster", "--root", "root.ffkey")
    desk.run("open", "--study", "m.ffstudy", "--key", "anna.ffkey", "--roster", "m.ffroster", "--inbox", "media-inbox",
             "--out", "media-results", "--no-receipts")
    secret = desk.secret("anna")
    files = [path.read_bytes() for path in sorted((desk.folder / "media-inbox").glob("*.batch"))]
    study = open_study_package((desk.folder / "m.ffstudy").read_bytes())
    parts = [open_part(data, [secret], psks=study.psks) for data in files if says_media(data)]
    batches = [open_batch(data, [secret], [study.dictionary], psks=study.psks) for data in files if not says_media(data)]
    assert any(part.head.part > 0 for part in parts), "no media file of two parts among them; take another seed"
    here, different = 0, []
    for device, uuid, media_hash, size, name in named_media(batches):
        media = join([part for part in parts if (part.device_id, part.head.uuid, part.head.media_hash) ==
                      (device, uuid, media_hash)], media_hash, size)
        here += 1
        if (desk.folder / "media-results" / "media" / as_text(uuid) / name).read_bytes() != media:
            different.append(f"{as_text(uuid)}/{name}")
    return here, different


def check_custody(desk):
    """Two of three custodians: what one program releases the other one opens. Anna's shares come from the program, Ben's
    from this reader; either analyst opens every interview with both, and none with one."""
    for name in ("ben", "cleo", "analyst"):
        desk.key(name)
    desk.run("study", "build", "form", "--custodians", "2", "--recipient", "anna.ffpub", "--recipient", "ben.ffpub",
             "--recipient", "cleo.ffpub", "--analyst", "analyst.ffpub", "--root", "root.ffkey", "--out", "c.ffstudy")
    desk.run("simulate", "--study", "c.ffstudy", "--interviews", "4", "--devices", "2", "--seed", "31", "--out",
             "custody-inbox", "--roster", "c.ffroster", "--root", "root.ffkey", "--truth", "custody.jsonl")
    truth = sorted((desk.folder / "custody.jsonl").read_text("utf-8").splitlines())
    files = sorted((desk.folder / "custody-inbox").glob("*.batch"))
    study = open_study_package((desk.folder / "c.ffstudy").read_bytes())
    desk.run("custody", "extract", "--study", "c.ffstudy", "--inbox", "custody-inbox", "--key", "anna.ffkey", "--for",
             "analyst.ffpub", "--out", "anna.ffshare")
    this_reader(desk, "extract_shares.py", "--key", "ben.ffkey", "--analyst", "analyst.ffpub", "--study",
                study.study.hex(), "--policy", study.policy_digest.hex(), "--out", "ben.ffshare", *files)

    desk.run("open", "--study", "c.ffstudy", "--key", "analyst.ffkey", "--roster", "c.ffroster", "--inbox",
             "custody-inbox", "--shares", "anna.ffshare", "--shares", "ben.ffshare", "--out", "custody-results",
             "--no-receipts")
    ours = sorted((desk.folder / "custody-results" / "survey.jsonl").read_text("utf-8").splitlines())
    keys = ("--key", "analyst.ffkey", "--study", "c.ffstudy")
    opened = this_reader(desk, "open_batch.py", *keys, "--shares", "anna.ffshare", "--shares", "ben.ffshare", *files)
    this = sorted(json.loads(line)["payload"] for line in opened.splitlines() if "payload" in json.loads(line))
    if not truth or ours != truth or this != truth:
        sys.exit(f"of {len(truth)} interviews sealed to custodians the program opens {len(ours)}, this reader {len(this)}")
    alone = this_reader(desk, "open_batch.py", *keys, "--shares", "ben.ffshare", *files, status=1)
    if any(json.loads(line).get("refused") not in (None, "too_few_shares") or "payload" in json.loads(line)
           for line in alone.splitlines()):
        sys.exit("one custodian's shares open something")


def check_archive(desk):
    """What was archived: either program opens it with the archive key alone, all that the truth has."""
    desk.key("archive")
    desk.run("study", "build", "form", "--pre-shared-key", "--recipient", "anna.ffpub", "--root", "root.ffkey", "--out",
             "a.ffstudy")
    desk.run("simulate", "--study", "a.ffstudy", "--interviews", "4", "--devices", "2", "--seed", "31", "--out",
             "archived", "--roster", "a.ffroster", "--root", "root.ffkey", "--truth", "archived.jsonl")
    desk.run("archive", "rewrap", "--study", "a.ffstudy", "--inbox", "archived", "--key", "anna.ffkey", "--to",
             "archive.ffkey", passphrases=2)
    desk.run("open", "--study", "a.ffstudy", "--key", "archive.ffkey", "--roster", "a.ffroster", "--inbox", "archived",
             "--out", "archive-results", "--no-receipts")
    truth = sorted((desk.folder / "archived.jsonl").read_text("utf-8").splitlines())
    ours = sorted((desk.folder / "archive-results" / "survey.jsonl").read_text("utf-8").splitlines())
    files = sorted((desk.folder / "archived").glob("*.batch"))
    opened = this_reader(desk, "open_batch.py", "--key", "archive.ffkey", "--study", "a.ffstudy", *files)
    this = sorted(json.loads(line)["payload"] for line in opened.splitlines() if "payload" in json.loads(line))
    if not truth or ours != truth or this != truth:
        sys.exit(f"of {len(truth)} archived interviews the program opens {len(ours)}, this reader {len(this)}")


def this_reader(desk, script, *arguments, status=0):
    done = subprocess.run([sys.executable, TOP / "tests/independent" / script, *arguments], cwd=desk.folder,
                          input=f"{PASSPHRASE}\n", capture_output=True, text=True)
    if done.returncode != status:
        sys.exit(f"{script}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path, help="fieldfare-cli")
    parser.add_argument("--interviews", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fieldfare-") as folder:
        desk = Desk(options.program.resolve(), pathlib.Path(folder))
        desk.key("root", "--root")
        desk.key("anna")
        desk.key("maria")
        desk.run("study", "build", str(TOP / "assets" / "questionnaire" / "mobility_engagement.xlsx"), "--recipient",
                 "anna.ffpub", "--root", "root.ffkey", "--out", "s.ffstudy", "--pre-shared-key",
                 "--when-destroyed", "remove", "--recovery", "maria.ffpub", "--network", "proxy")
        desk.run("simulate", "--study", "s.ffstudy", "--interviews", str(options.interviews), "--devices", "3", "--out",
                 "inbox", "--roster", "s.ffroster", "--root", "root.ffkey")
        study = open_study_package((desk.folder / "s.ffstudy").read_bytes())
        supervisor = (desk.folder / "maria.ffpub").read_text().strip()
        if study.rules != {"network": "proxy", "outbox-when-destroyed": "remove", "recovery": supervisor}:
            sys.exit(f"the rules of the study are read as {study.rules}")
        ours, this = by_our_program(desk), by_this_reader(desk, study)
        media_here, media_different = check_media(desk)
        check_custody(desk)
        check_archive(desk)
    if not study.dictionary or len(ours) != options.interviews or ours.keys() != this.keys():
        sys.exit(f"{len(ours)} records opened by the program, {len(this)} by this reader, dictionary of "
                 f"{len(study.dictionary)} bytes")
    different = [uuid for uuid in this if this[uuid] != ours[uuid]]
    for uuid in different:
        print(f"{uuid}: the program and this reader differ")
    for name in media_different:
        print(f"{name}: the program and this reader differ")
    print(f"{len(this)} records in both readers, {len(different)} differ; {media_here} media files, "
          f"{len(media_different)} differ")
    sys.exit(bool(different or media_different) or media_here == 0)


if __name__ == "__main__":
    main()
