#!/usr/bin/python3
"""Opens the golden files with this reader and compares them with the worked example of crypto/BATCH_FORMAT.md, value by
value, and with what it says of the versions of one batch. Exit status 1 if anything differs."""
import argparse
import pathlib
import re
import sys

import batch_format as fmt
import media_reader as media
from batch_reader import open_batch, provisional_ids, supersedes, unseal
from key_file import open_key_file
from primitives import H, Refused, box_public
from public_key import read_public_key, write_public_key
from recovery import open_answer, open_request, with_checksum, write_answer
from share_file import open_share_file
from study_package import open_study_package
from vector_file import decode
from withdrawal import read_code, withdrawal_hash, write_code

PASSPHRASE = "correct horse battery staple"
TOP = pathlib.Path(__file__).resolve().parents[2]


class Comparison:
    def __init__(self):
        self.right = self.wrong = 0

    def same(self, what, said, found):
        if said == found:
            self.right += 1
        else:
            self.wrong += 1
            print(f"{what}: the document says {said!r}, the file {found!r}")


def worked_example(document, title="## Worked example"):
    """Name -> value. A value goes on in the lines that begin with blanks."""
    block = re.search(rf"\n{title}\n.*?```\n(.*?)```", document, re.S).group(1)
    block = re.sub(r"\n +signature ", "\nsignature  ", block)
    items = (item.partition("  ") for item in re.split(r"\n(?=\S)", block.strip()))
    return {name.strip(): value.strip() for name, _, value in items}


def refused_word(call, *arguments):
    try:
        call(*arguments)
    except Refused as refused:
        return refused.word
    return "opened"


def digits(text):
    """The hexadecimal digits of a text, what it says in words being written out."""
    text = text.replace("(uuid: zero)", "0" * 32).replace("(previous: zero)", "0" * 64).replace("body:", "")
    return "".join(re.findall(r"\b[0-9a-f]+\b", text))


def check(compare, batches, document):
    said = worked_example(document)
    key = open_key_file((batches / "researcher.ffkey").read_bytes(), PASSPHRASE)
    final_file = (batches / "final.batch").read_bytes()
    final = open_batch(final_file, [key.box_secret])

    compare.same("recipient public", said["recipient public"], key.box_public.hex())
    compare.same("recipient secret", said["recipient secret"], key.box_secret.hex())
    compare.same("content key", said["content key"], final.content_key.key.hex())
    compare.same("header tag", said["header tag"], final.header_tag.hex())
    keys = fmt.Keys(final.content_key.key, final.header_tag)
    for index in (0, 1):
        compare.same(f"CK{index} / MK{index}", said[f"CK{index} / MK{index}"].split(),
                     [keys.chain(index).hex(), keys.record(index).hex()])
    compare.same("batch id", said["batch id"], final.batch_id.hex())

    begin = 64 + 4 * 128 + 32
    compare.same("length", 17264, len(final_file))
    cells = [final_file[at:at + fmt.CELL] for at in range(begin, len(final_file), fmt.CELL)]
    plain = [unseal(cells, index, key)[0] for index, key in
             enumerate((keys.record(0), keys.record(1), keys.record(2), keys.close))]
    prefix_said, _, content_of_open = said["cell 0"].partition("OPEN")[2].partition("content of")
    compare.same("prefix of OPEN", digits(prefix_said), plain[0][:36].hex())
    compare.same("size of OPEN", content_of_open.split()[0], str(int.from_bytes(plain[0][4:8], "little")))
    content_said = digits(content_of_open.split("bytes:")[1])
    compare.same("beginning of OPEN", content_said, plain[0][36:36 + len(content_said) // 2].hex())
    compare.same("prefix of record 1", digits(said["cell 1"].partition("DATA")[2].split(", ")[0]), plain[1][:36].hex())
    compare.same("payload of record 1", b"one", final.records[0].payload)
    compare.same("prefix of record 2", digits(said["cell 2"].partition("DATA")[2].split(", ")[0]), plain[2][:36].hex())
    compare.same("frame of record 2", digits(said["cell 2"].split("zstd:")[1].split("...")[0]), plain[2][36:43].hex())
    compare.same("payload of record 2", b"a" * 2000 + b"two", final.records[1].payload)
    body_said = digits(said["cell 3"].partition("CLOSE")[2])
    compare.same("body of CLOSE", body_said, final.close.body.hex())
    compare.same("signature", "".join(said["signature"].split()), final.close.signature.hex())

    # Versions of one batch.
    provisional = open_batch((batches / "provisional.batch").read_bytes(), [key.box_secret])
    compare.same("records of the provisional version", [b"one"], [record.payload for record in provisional.records])
    compare.same("is provisional", (1, 0), (provisional.close.provisional, final.close.provisional))
    compare.same("id that follows from the final version", provisional.batch_id, provisional_ids(final)[1])
    compare.same("the final version supersedes the provisional, and not the other way", (True, False),
                 (supersedes(final, provisional), supersedes(provisional, final)))

    # KEYS.md.
    ffkey = (batches / "researcher.ffkey").read_bytes()
    root = open_key_file((batches / "root.ffkey").read_bytes(), PASSPHRASE)
    compare.same("kind of the root", 2, root.kind)
    compare.same("another passphrase", "wrong_passphrase", refused_word(open_key_file, ffkey, PASSPHRASE + "!"))
    for word, data in (("wrong_format", b"\0" + ffkey[1:]), ("unsupported", ffkey[:8] + b"\0" + ffkey[9:]), ("unsupported", ffkey[:8] + b"\2" + ffkey[9:]),
                       ("damaged", ffkey[:-1]), ("damaged", ffkey[:200] + bytes((ffkey[200] ^ 1,)) + ffkey[201:])):
        compare.same(f"a key file that is {word}", word, refused_word(open_key_file, data, ""))
    compare.same("ffpub", (batches / "researcher.ffpub").read_text("ascii").strip(), write_public_key(key))
    line = write_public_key(key)
    compare.same("the keys of ffpub", (key.box_public, key.sign_public),
                 (read_public_key(f" {line}\n").box_public, read_public_key(line).sign_public))
    for what, text in (("changed", line[:40] + ("0" if line[40] != "0" else "1") + line[41:]), ("cut", line[:-1]),
                       ("in capitals", line.upper()), ("empty", "")):
        compare.same(f"a ffpub line that is {what}", "damaged", refused_word(read_public_key, text))

    # Recovery. What the golden request is of, tests/crypto/golden_batches.cpp says as well.
    request_file = (batches / "request.ffrecover").read_bytes()
    request = open_request(request_file, key.box_secret)
    compare.same("the vault of the golden request",
                 tuple(H(16, "test id         ", name) for name in (b"study", b"device")), (request.study, request.device))
    compare.same("the digits of the golden request", "74001 94723 16665 63178 91060 27170", request.digits)
    one_time = bytes(range(1, 33))
    asked = with_checksum(request_file[:12] + box_public(one_time) + request_file[44:-16])
    answer = write_answer(asked, key.box_secret, bytes(range(2, 34)))
    compare.same("the master key of an answer", request.master_key, open_answer(answer, asked, one_time))
    compare.same("an answer to another request", "forged", refused_word(open_answer, answer, request_file, one_time))
    for word, data in (("wrong_format", answer), ("damaged", request_file[:-1]), ("unsupported", with_checksum(request_file[:8] + b"\2" + request_file[9:-16])),
                       ("not_canonical", with_checksum(request_file[:10] + b"\1" + request_file[11:-16])),
                       ("weak_key", with_checksum(request_file[:12] + bytes(32) + request_file[44:-16]))):
        compare.same(f"a request that is {word}", word, refused_word(open_request, data, key.box_secret))
    compare.same("a request to another", "not_openable", refused_word(open_request, request_file, one_time))

    # Withdrawal.
    code, written, its_hash = re.search(r"The code `([0-9a-f ]+)` is written `([^`]+)`, and its hash is `([0-9a-f]+)`",
                                        document).groups()
    code = bytes.fromhex(code)
    compare.same("a withdrawal code as written", written, write_code(code))
    compare.same("a withdrawal code as read", code, read_code(written.lower().replace("-", " ").replace("0", "o")))
    compare.same("the hash of a withdrawal code", its_hash, withdrawal_hash(code).hex())
    compare.same("a mistyped withdrawal code", "damaged", refused_word(read_code, written[:-1] + "4"))

    # Media.
    said = worked_example(document, "### Worked example of media")
    vector = decode((TOP / "tests/data/vectors/opened-media.vector").read_bytes())
    part = media.open_part(vector.data, vector.secrets)
    content_key, tag, head = part.content_key.key, part.header_tag, part.head
    for name, value in (("content key", content_key), ("header tag", tag), ("stream key", media.stream_key(content_key, tag)),
                        ("pad key", media.pad_key(content_key, tag)), ("media key", head.media_key),
                        ("media hash", media.media_hash(head.media_key, part.content)),
                        ("part hash", media.part_hash(head.media_key, 0, part.content)), ("media id", part.media_id)):
        compare.same(f"{name} of media", said[name], value.hex())
    compare.same("signature of media", "".join(said["signature"].split()), head.signature.hex())
    compare.same("length of media", 64 + 4 * 128 + 32 + 4 * 65553, len(vector.data))
    compare.same("size of media", 100000, head.size)

    # What no vector of a bearable size can show.
    large = final_file.ljust(96 * 2**20 + 1, b"\0")
    compare.same("more than 96 MiB", "too_large", refused_word(open_batch, large, [key.box_secret]))


def check_study(compare, batches):
    """The golden study with the study files, keys and shares that stand beside it (tests/data/studies/README.md)."""
    golden = TOP / "tests/data/studies"
    key = open_key_file((batches / "researcher.ffkey").read_bytes(), PASSPHRASE)
    studies = [open_study_package((golden / f"{name}.ffstudy").read_bytes()) for name in ("first", "second", "third")]
    shares = []
    for custodian in ("custodian-0", "custodian-2"):
        its_key = open_key_file((golden / f"{custodian}.ffkey").read_bytes(), PASSPHRASE)
        file = open_share_file((golden / f"{custodian}.ffshare").read_bytes(), key.box_secret)
        compare.same(f"the keys of {custodian}", (its_key.box_public, its_key.sign_public),
                     (file.custodian, file.custodian_sign))
        shares += file.shares
    material = [study.dictionary for study in studies], shares, [psk for study in studies for psk in study.psks]
    payloads, policies = [], set()
    for path in sorted((golden / "inbox").glob("*.batch")):
        batch = open_batch(path.read_bytes(), [key.box_secret], *material)
        compare.same(f"the study of {path.name}", studies[0].study, batch.open.study)
        policies.add(batch.open.policy_digest)
        payloads += [record.payload for record in batch.records]
    compare.same("policies of the golden batches", {study.policy_digest for study in studies}, policies)
    compare.same("interviews of the golden study", sorted((golden / "survey.jsonl").read_bytes().splitlines()),
                 sorted(payloads))
    sealed_together = [path for path in (golden / "inbox").glob("*.batch") if refused_word(
        open_batch, path.read_bytes(), [key.box_secret], material[0], shares[:1], material[2]) == "too_few_shares"]
    compare.same("golden batches that one custodian's shares do not open", 1, len(sealed_together))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=pathlib.Path, default=TOP / "tests/data/batches", help="the golden files")
    parser.add_argument("--document", type=pathlib.Path, default=TOP / "crypto/BATCH_FORMAT.md")
    options = parser.parse_args()
    compare = Comparison()
    check(compare, options.batches, options.document.read_text("utf-8"))
    check_study(compare, options.batches)
    print(f"{compare.right} values of the golden files as the document says, {compare.wrong} otherwise")
    sys.exit(compare.wrong > 0)


if __name__ == "__main__":
    main()
