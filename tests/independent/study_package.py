"""`.ffstudy` files, from client/study/STUDY_PACKAGE.md alone: as much as a reader of batches needs."""
from dataclasses import dataclass, field

from key_file import RESEARCHER
from primitives import H, Refused, require, verify_strictly
from public_key import read_public_key

MAGIC = bytes.fromhex("894646530d0a1a0a")
PARTS = ("package", "policy", "recipients", "receipt keys", "stores", "languages", "form", "dictionary", "media")
MOST = 256 * 2**20


@dataclass
class StudyPackage:
    root: bytes
    study: bytes
    policy_digest: bytes
    form_hash: bytes
    dictionary: bytes = field(repr=False)  # b"" for none
    rules: dict                            # by name
    psks: list = field(repr=False)         # the newest first


def open_study_package(data):
    require(len(data) <= MOST, "too_large", "more than 256 MiB")
    require(data[:8] == MAGIC, "wrong_format", "not the magic of a study package")
    require(len(data) >= 108, "damaged", "the file ends in its head")
    require(data[8:12] == bytes((1, 0, 0, 0)), "unsupported", "another version of study packages")
    root, signature, body = data[12:44], data[44:108], data[108:]
    require(verify_strictly(signature, b"FFS1 package sig" + data[:44] + body, root), "damaged",
            "the signature is not the root's")
    parts, at = {}, 0
    for name in PARTS:
        size = int.from_bytes(body[at:at + 4], "little")
        require(at + 4 + size <= len(body), "damaged", f"the part {name} is cut off")
        parts[name] = body[at + 4:at + 4 + size]
        at += 4 + size
    require(at == len(body), "damaged", "something stands behind the last part")
    dictionary = parts["dictionary"]
    require(not dictionary or 8 <= len(dictionary) <= 128 * 1024, "damaged", "the dictionary's length")
    covered = b"".join(len(parts[name]).to_bytes(4, "little") + parts[name]
                       for name in ("policy", "recipients", "receipt keys"))
    return StudyPackage(root, parts["policy"][:16], H(32, "FFS1 policy dig", covered),
                        H(32, "FFS1 form hash", parts["form"]), dictionary, *rules_and_keys(parts["policy"]))


def text_at(policy, at):
    end = at + 2 + int.from_bytes(policy[at:at + 2], "little")
    require(end <= len(policy), "damaged", "the policy is cut off")
    try:
        return policy[at + 2:end].decode("utf-8"), end
    except UnicodeDecodeError:
        require(False, "damaged", "a text of the policy that is not UTF-8")


def require_known(name, value):
    """A rule of which this reader does not know name and value is one of a later version."""
    if name == "recovery":
        try:
            known = read_public_key(value).kind == RESEARCHER and value == value.strip(" \t\r\n")
        except Refused:
            known = False
    else:
        known = (name, value) in (("outbox-when-destroyed", "remove"), ("network", "proxy"))
    require(known, "unsupported", "a rule of a later version")


def rules_and_keys(policy):
    """The rules by name and the pre-shared keys, which stand behind the fields of the part: id, three texts, numbers of 1,
    4, 1, 1, 2 and 1 bytes."""
    at = 16
    for _ in range(3):
        _, at = text_at(policy, at)
    require(at + 11 <= len(policy), "damaged", "the policy is cut off")
    count, at = policy[at + 10], at + 11
    require(count <= 32, "damaged", "more than 32 rules")
    rules = {}
    for _ in range(count):
        name, at = text_at(policy, at)
        value, at = text_at(policy, at)
        require(name and not any(name <= other for other in rules), "damaged", "names of rules that do not rise")
        require_known(name, value)
        rules[name] = value
    keys = policy[at:]
    require(len(keys) % 32 == 0 and len(keys) <= 16 * 32, "damaged", "the policy's length")
    return rules, [keys[at:at + 32] for at in range(0, len(keys), 32)]
