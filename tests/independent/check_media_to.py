#!/usr/bin/python3
"""Opens what a restored device sends, one submission twice with another photo of the same name, and looks at what
open_batch.py --media-to makes of it. Exit status 1 if it is not as it should be."""
import json
import pathlib
import subprocess
import sys
import tempfile

import batch_format as fmt
from batch_writer import Plan, Record, Seed, write
from media_writer import MediaPlan, write_part
from open_batch import as_text
from primitives import box_public

OUR_SECRET = Seed("media to").bytes(32, "our secret")
DEVICE = Seed("media to/device")  # media parts take their device key and uuid from it
UUID = DEVICE.bytes(16, "uuid")


def sealed(content):
    return write_part(MediaPlan(seed=DEVICE, recipients=[box_public(OUR_SECRET)], content=content))


def batch(name, **photos):
    """With the one submission, which names these photos."""
    media = [{"hash": sealed(content).media_hash.hex(), "name": f"{stem}-1.jpg", "size": len(content)}
             for stem, content in photos.items()]
    return write(Plan(seed=Seed(f"media to/{name}"), recipients=[box_public(OUR_SECRET)],
                      device_seed=DEVICE.bytes(32, "device"),
                      records=[Record(json.dumps({"media": media}).encode("ascii"), type=fmt.DATA, uuid=UUID)])).data


def opened(folder, files):
    """(exit status, (name, written, why) of each media file that is named)."""
    folder.joinpath("secret").write_text(OUR_SECRET.hex(), "ascii")
    for name, data in files.items():
        folder.joinpath(name).write_bytes(data)
    done = subprocess.run([sys.executable, "-B", pathlib.Path(__file__).with_name("open_batch.py"), "--secret-hex-file",
                           "secret", "--media-to", "media", *files], cwd=folder, capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, [(line["name"], line["written"], line.get("why")) for line in lines if "written" in line]


def main():
    first, other, film = b"the first photo", b"another photo", b"a film"
    files = {"1.batch": batch("before", photo=first), "2.batch": batch("restored", photo=other, film=film),
             "3.batch": batch("twice", photo=first),
             **{f"{number}.part": sealed(content).data for number, content in enumerate((first, other, film))}}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        said = opened(folder, files)
        there = {path.name: path.read_bytes() for path in (folder / "media" / as_text(UUID)).iterdir()}
    should = (1, [("photo-1.jpg", True, None), ("photo-1.jpg", False, "there is a file of this name already"),
                  ("film-1.jpg", True, None)])
    if said != should or there != {"photo-1.jpg": first, "film-1.jpg": film}:
        sys.exit(f"said {said}, there are {sorted(there)}")
    print("of two files of one name the first is written, the other is told, and those after it are written")


if __name__ == "__main__":
    main()
