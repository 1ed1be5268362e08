#!/usr/bin/env python3
"""A small S3 in memory that believes nothing: every signature is made again from AWS's documents alone.

usage: s3_server.py CERTIFICATE KEY LOG

Listens on loopback, says "<port of https> <port of http>" and serves until it is ended. LOG gets a line of JSON for
each request. Stricter than a real S3: what a request says must be signed, the hash of its body too.

What a bucket does is in its name, up to the first "-":
  drop      laptops put batches and get receipts; the reader lists, gets, deletes, and puts receipts
  open      whoever has a key does everything
  old       the same; knows no If-None-Match (501)
  small     the same; lists three keys at a time
  first     the same; does not know start-after, as old servers
  late      the same; its clock is five hours ahead
  stuck     refuses every clock, and says that its own is five hours ahead
  lost      says that it has each file (412), and has none
  busy      409 to every put of one name, the first that comes
  says      says-403-accessdenied: that answer to everything, five hours ahead; says-503-none: without a code
  few       the same; lists three keys and says that these are all
  alters    the same; gives other bytes than it was given
  tight     the same; takes no file over 2,000,000 bytes
  middle    the same; takes no file over 20,000,000 bytes
  behind    the same; has nothing behind the first page of a list
  full      the same; has no room for a file over 100,000 bytes
  public    the same; lets anybody read, and not list
  hides     as open, but laptops can't delete, and are told of each batch that it is not there; keeps what was cut
  mixes     as open; mixes what comes second under a name into what is there
  later     as open; shows what was cut, from the second look on
  yes       as open; says that it deletes what laptops want it to, and does not
  listed    as drop; lets anybody list
  erased    as drop; lets anybody delete
  keeps     as drop; keeps what was cut
  silent    as open; from the eighth request on the line breaks
  trials    as open; its list has names of trials without end
  portal    a login page, 200
  bare      200 to every put, without an ETag; bare-empty and bare-quotes: with one that holds nothing
  moved     redirects everybody
  list      list-<what>: a listing that nobody should believe
Any other bucket is not there.
"""

import datetime
import hashlib
import hmac
import http.server
import json
import ssl
import sys
import threading
import urllib.parse
from xml.sax.saxutils import escape

SECRETS = {"LAPTOPS": "laptops-secret", "READER": "reader/secret+x=", "LENT": "lent-secret"}
TOKENS = {"LENT": "FwoGZXIvYXdzEXAMPLE=="}
REGION = "test-1"
FAR = datetime.timedelta(hours=5)
SKEW = datetime.timedelta(minutes=15)
HOST_OF_BUCKETS = ".s3.test"
STATUS_OF = {"NoSuchBucket": 404, "NoSuchKey": 404, "AccessDenied": 403, "SignatureDoesNotMatch": 403,
             "InvalidAccessKeyId": 403, "InvalidToken": 400, "RequestTimeTooSkewed": 403, "PreconditionFailed": 412,
             "NotImplemented": 501, "XAmzContentSHA256Mismatch": 400, "AuthorizationHeaderMalformed": 400,
             "ConditionalRequestConflict": 409, "MethodNotAllowed": 405, "EntityTooLarge": 400, "QuotaExceeded": 403}

lock = threading.Lock()
objects = {}  # bucket -> key -> bytes
first_put = {}  # bucket -> key
cut = {}  # (bucket, key) -> bytes that came
requests = {}  # bucket -> how many


class Refused(Exception):
    pass


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def quoted(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


def signature(secret, method, path, query, headers, names, payload, time, scope):
    """docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, step by step."""
    pairs = sorted((quoted(name), quoted(value)) for name, value in query)
    request = "\n".join([method, quoted(urllib.parse.unquote(path), "/"), "&".join("=".join(pair) for pair in pairs),
                         "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names), ";".join(names),
                         payload])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = digest(key, part)
    return digest(key, to_sign).hex()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a line that broke; the other side is what is tested


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *_):
        pass

    def handle_expect_100(self):
        return True  # put() says when it wants the body

    def now(self, ahead_of=("late", "stuck")):
        ahead = FAR if self.kind in ahead_of else datetime.timedelta(0)
        return datetime.datetime.now(datetime.timezone.utc) + ahead

    # --- what a request is about

    def understand(self):
        self.small = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        self.raw_path = path
        self.query = [(urllib.parse.unquote(name), urllib.parse.unquote(value))
                      for name, _, value in (part.partition("=") for part in query.split("&") if part)]
        host = self.small.get("host", "").partition(":")[0]
        path = urllib.parse.unquote(path)
        if host.endswith(HOST_OF_BUCKETS):
            self.bucket, self.key = host[:-len(HOST_OF_BUCKETS)], path[1:]
        else:
            self.bucket, _, self.key = path[1:].partition("/")
        self.kind = self.bucket.partition("-")[0]
        with lock:
            log.write(json.dumps({"method": self.command, "target": self.path, "headers": self.small}) + "\n")
            log.flush()

    def check_signature(self):
        words = self.small.get("authorization", "")
        if not words.startswith("AWS4-HMAC-SHA256 "):
            raise Refused("AccessDenied")
        fields = dict(part.strip().split("=", 1) for part in words.split(" ", 1)[1].split(","))
        who, _, scope = fields["Credential"].partition("/")
        names = fields["SignedHeaders"].split(";")
        if who not in SECRETS:
            raise Refused("InvalidAccessKeyId")
        if scope.split("/")[1:] != [REGION, "s3", "aws4_request"]:
            raise Refused("AuthorizationHeaderMalformed")
        must = {"host"} | {name for name in self.small if name.startswith("x-amz-") or name == "if-none-match"}
        if names != sorted(names) or not must <= set(names) or not set(names) <= set(self.small):
            raise Refused("AccessDenied")
        time = self.small["x-amz-date"]
        if time[:8] != scope.split("/")[0]:
            raise Refused("AuthorizationHeaderMalformed")
        expected = signature(SECRETS[who], self.command, self.raw_path, self.query, self.small, names,
                             self.small["x-amz-content-sha256"], time, scope)
        if not hmac.compare_digest(expected, fields["Signature"]):
            raise Refused("SignatureDoesNotMatch")
        if self.small.get("x-amz-security-token", "") != TOKENS.get(who, ""):
            raise Refused("InvalidToken")
        then = datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs(self.now() - then) > SKEW or self.kind == "stuck":
            raise Refused("RequestTimeTooSkewed")
        return who

    def check_policy(self, who):
        if self.kind not in KINDS:
            raise Refused("NoSuchBucket")
        if self.kind in ("hides", "yes") and who == "LAPTOPS" and "/receipts/" not in self.key:
            if self.command == "DELETE" and self.kind == "hides" or not self.key:
                raise Refused("AccessDenied")
            if self.command == "GET" and self.kind == "hides":
                raise Refused("NoSuchKey")
        if self.kind not in ("drop", "listed", "erased", "keeps"):
            return
        receipt = "/receipts/" in self.key
        batch = self.key.endswith(".batch") and not receipt
        laptops = (self.command == "PUT" and batch) or (self.command == "GET" and receipt)
        reader = self.command in ("GET", "DELETE") or (self.command == "PUT" and receipt)
        if not (reader if who == "READER" else laptops):
            raise Refused("AccessDenied")
        # Who may not list is not told what is there.
        if who != "READER" and self.command == "GET" and self.key not in objects.get(self.bucket, {}):
            raise Refused("AccessDenied")

    # --- answers

    def answer(self, status, body=b"", headers=()):
        self.send_response_only(status)
        date = self.now(("late", "stuck", "says"))
        self.send_header("Date", date.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def refuse(self, code, status=None):
        more = [("Retry-After", "120")] if status in (429, 503) else []
        if code == "none":
            return self.answer(status, headers=more)
        self.answer(status or STATUS_OF[code], (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>in words</Message>'
            f"<Resource>{escape(self.path)}</Resource></Error>").encode(), more)

    def anybody(self):
        return "authorization" not in self.small and (
            self.kind == "public" and self.command == "GET" and self.key
            or self.kind == "listed" and self.command == "GET" and not self.key
            or self.kind == "erased" and self.command == "DELETE")

    def keep_cut(self, body):
        with lock:
            if self.kind in ("hides", "keeps"):
                objects.setdefault(self.bucket, {})[self.key] = body
            if self.kind == "later":
                cut[self.bucket, self.key] = body

    def special(self):
        """Answers that do not depend on the request; true when one was given."""
        with lock:
            requests[self.bucket] = requests.get(self.bucket, 0) + 1
        if self.kind == "silent" and requests[self.bucket] > 8:
            self.close_connection = True
        elif self.kind == "says":
            _, status, code = self.bucket.split("-", 2)
            wanted = {known.lower(): known for known in list(STATUS_OF) + MORE_CODES}.get(code, code)
            self.refuse(wanted, int(status))
        elif self.kind == "portal":
            self.answer(200, b"<html><body>Log in</body></html>", [("ETag", '"page"')])
        elif self.kind == "moved":
            self.answer(307, headers=[("Location", "http://127.0.0.1:9" + self.path)])
        elif self.kind == "busy" and self.command == "PUT" and first_put.setdefault(self.bucket, self.key) == self.key:
            self.refuse("ConditionalRequestConflict")
        elif self.kind == "list" and self.command == "GET":
            self.answer(200, hostile_listing(self.bucket.partition("-")[2], self.query))
        else:
            return False
        return True

    def do_PUT(self):
        self.understand()
        length = int(self.small.get("content-length", "0"))
        waits = self.small.get("expect", "").lower() == "100-continue"
        body = b"" if waits else self.rfile.read(length)
        self.close_connection = waits
        if not waits and len(body) < length:
            self.close_connection = True
            return
        try:
            who = self.check_signature()
            if self.special():
                return
            self.check_policy(who)
            if length > {"tight": 2_000_000, "middle": 20_000_000}.get(self.kind, length):
                raise Refused("EntityTooLarge")
            if self.kind == "full" and length > 100_000:
                raise Refused("QuotaExceeded")
            guard = self.small.get("if-none-match")
            if self.kind == "old" and guard:
                raise Refused("NotImplemented")
            with lock:
                there = self.key in objects.setdefault(self.bucket, {})
            if (there and self.kind != "mixes" and (guard or self.kind in ("drop", "listed", "erased", "keeps"))) or self.kind == "lost":
                raise Refused("PreconditionFailed")
            if waits:
                self.send_response_only(100)
                self.end_headers()
                self.wfile.flush()
                body = self.rfile.read(length)
                if len(body) < length:
                    return self.keep_cut(body)
                self.close_connection = False
            if hashlib.sha256(body).hexdigest() != self.small["x-amz-content-sha256"]:
                raise Refused("XAmzContentSHA256Mismatch")
            with lock:
                if guard and self.key in objects[self.bucket]:
                    if self.kind == "mixes":
                        objects[self.bucket][self.key] = objects[self.bucket][self.key][:-9] + body[-9:]
                    raise Refused("PreconditionFailed")
                objects[self.bucket][self.key] = body
        except Refused as refusal:
            return self.refuse(str(refusal))
        etag = '"' + hashlib.md5(body).hexdigest() + '"'
        etag = {"bare": None, "bare-empty": "", "bare-quotes": '""'}.get(self.bucket, etag)
        self.answer(200, headers=[] if etag is None else [("ETag", etag)])

    def do_GET(self):
        self.understand()
        try:
            who = "READER" if self.anybody() else self.check_signature()
            if self.special():
                return
            self.check_policy(who)
            with lock:
                held = dict(objects.get(self.bucket, {}))
            if not self.key:
                return self.answer(200, self.listing(held))
            if self.key not in held:
                with lock:
                    if (self.bucket, self.key) in cut:
                        objects[self.bucket][self.key] = cut.pop((self.bucket, self.key))
                raise Refused("NoSuchKey")
        except Refused as refusal:
            return self.refuse(str(refusal))
        self.answer(200, held[self.key] + (b"!" if self.kind == "alters" else b""), [("ETag", '"x"')])

    def do_DELETE(self):
        self.understand()
        try:
            who = "READER" if self.anybody() else self.check_signature()
            if self.special():
                return
            self.check_policy(who)
            with lock:
                if self.kind != "yes" or who != "LAPTOPS":
                    objects.get(self.bucket, {}).pop(self.key, None)
        except Refused as refusal:
            return self.refuse(str(refusal))
        self.answer(204)

    def listing(self, held):
        asked = dict(self.query)
        if asked.get("list-type") != "2":
            raise Refused("MethodNotAllowed")
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
        after = asked.get("start-after", "")
        if self.kind == "first":
            after = ""
        if "continuation-token" in asked:
            after = bytes.fromhex(asked["continuation-token"].removeprefix("t+/=")).decode()
        most = min(int(asked.get("max-keys", "1000")), 3 if self.kind in ("small", "few") else 1000)
        entries = {}  # key, or common prefix -> size, or nothing
        for key, body in held.items():
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix):]
            if delimiter and delimiter in rest:
                entries[prefix + rest.partition(delimiter)[0] + delimiter] = None
            else:
                entries[key] = len(body)
        names = sorted(name for name in entries if name > after)
        given, more = names[:most], len(names) > most and self.kind != "few"
        xml = "".join(f"<Contents><Key>{escape(name)}</Key><Size>{entries[name]}</Size></Contents>"
                      for name in given if entries[name] is not None)
        xml += "".join(f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
                       for name in given if entries[name] is None)
        if self.kind == "trials" and not prefix.endswith("/receipts/"):
            turn = int(after[-70:-6], 16) + 1 if after else 0
            given, more = [f"{prefix}19100101-{number:064x}.batch" for number in range(turn, turn + 1000)], True
            xml = "".join(f"<Contents><Key>{name}</Key><Size>1</Size></Contents>" for name in given)
        if self.kind == "behind" and "continuation-token" in asked:
            xml, more = "", False
        most_said = int(asked.get("max-keys", "1000"))
        token = f"<NextContinuationToken>t+/={given[-1].encode().hex()}</NextContinuationToken>" if more else ""
        return page(f"<MaxKeys>{most_said}</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>{token}{xml}")


def page(inside):
    return (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>b</Name>{inside}</ListBucketResult>").encode()


def hostile_listing(what, query):
    prefix = dict(query).get("prefix", "")
    def one(number):
        return f"<Contents><Key>{prefix}2026110{number}-{'a' * 64}.batch</Key><Size>1</Size></Contents>"
    more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    token = dict(query).get("continuation-token", "0")
    turn = int(token) if token.isdigit() else 0
    def goes_on(inside=""):
        return page(f"<IsTruncated>true</IsTruncated><NextContinuationToken>{turn + 1}</NextContinuationToken>{inside}")
    if what.startswith("rising") and turn < 3000:  # a file a page, each with a higher name; "wide": and long pages
        wide = " " * 4_000_000 if what == "rising-wide" else ""
        return goes_on(f"<Contents><Key>{prefix}20261101-{turn:064x}.batch</Key><Size>1</Size></Contents>" + wide)
    if what == "sparse" and turn < 240:  # a file now and then
        return goes_on(one(turn // 80 + 1) if turn % 80 == 79 else "")
    if what == "endless":  # pages without a file
        return page(more)
    if what == "circle":  # the same page again and again
        return page(more + one(1))
    if what == "backwards":
        return page("<IsTruncated>false</IsTruncated>" + one(2) + one(1))
    if what == "broken":  # more is promised, and nothing says where
        return page("<IsTruncated>true</IsTruncated>" + one(1))
    if what == "long":
        return page("<IsTruncated>false</IsTruncated>" + " " * 20_000_000)
    if what == "html":
        return b"<html><body>Log in</body></html>"
    return page("<IsTruncated>false</IsTruncated>")


KINDS = {"drop", "open", "old", "small", "first", "late", "lost", "bare", "busy", "few", "alters", "tight", "middle", "behind", "public",
         "hides", "mixes", "later", "yes", "listed", "erased", "silent", "trials", "full", "keeps"}
MORE_CODES = ["QuotaExceeded", "BadDigest", "IncompleteBody", "RequestTimeout", "PermanentRedirect", "TemporaryRedirect", "InvalidRequest",
              "InvalidBucketName", "OperationAborted", "SlowDown", "InternalError", "ExpiredToken", "ServiceUnavailable"]

if __name__ == "__main__":
    certificate, key, log_file = sys.argv[1:]
    log = open(log_file, "w", encoding="utf-8")
    secure, plain = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    for one in (secure, plain):
        threading.Thread(target=one.serve_forever, daemon=True).start()
    print(secure.server_address[1], plain.server_address[1], flush=True)
    threading.Event().wait()
