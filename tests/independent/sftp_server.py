#!/usr/bin/env python3
"""A small server of SFTP for the tests, that takes a password and does what OpenSSH does not do on demand.

    sftp_server.py FOLDER HOST_KEY LOG

says its port on loopback and serves FOLDER as its root to "laptops" with "laptops-secret". The first part of a
path, up to its "-", says what is odd there:

    plain     nothing: a rename never replaces
    replaces  a rename replaces what is there, as in many servers that are not OpenSSH's
    same      the same, but to the name that a file has
    full      no file takes more than 100,000 bytes; the only word for it is "failure"
    quota     the same with the word of SFTP's version 5
    short     of each file that is written the last byte is gone
    blind     nothing is read, whether it is there or not
    careless  blind, and a rename replaces
    nameless  no rename is permitted
    keeps     nothing is removed
    names     lists names of strangers
    endless   a list has no end
    drips     answers seven megabytes to what nobody has asked, whenever a file is opened
    strays    answers a hundred megabytes to what nobody has asked
    ignores   the same in messages of SSH that are to be passed over
    channels  the same in messages of SSH about a channel that is none

LOG gets a line for each request: the command and the last part of the path.
"""

import os
import socket
import struct
import sys
import threading

import paramiko
from paramiko.sftp import CMD_DATA, CMD_NAME, CMD_OPEN, CMD_OPENDIR, CMD_READ, CMD_READDIR, CMD_WRITE
from paramiko import SFTP_FAILURE, SFTP_NO_SUCH_FILE, SFTP_OK, SFTP_PERMISSION_DENIED, SFTPAttributes

ROOT, HOST_KEY, LOG = sys.argv[1:4]
MOST = 100_000
QUOTA_EXCEEDED = 15
log_lock = threading.Lock()


def note(command, path):
    with log_lock, open(LOG, "a") as log:
        print(command, os.path.basename(path), file=log)


class File(paramiko.SFTPHandle):
    def __init__(self, kind, path, flags):
        super().__init__(flags)
        self.kind, self.path, self.wrote = kind, path, False
        os_flags = flags & ~(os.O_APPEND if hasattr(os, "O_APPEND") else 0)
        self.file = os.fdopen(os.open(path, os_flags, 0o644), "r+b" if flags & os.O_RDWR else
                              ("wb" if flags & os.O_WRONLY else "rb"), buffering=0)

    def read(self, offset, length):
        self.file.seek(offset)
        return self.file.read(length)

    def write(self, offset, data):
        if offset + len(data) > MOST and self.kind in ("full", "quota"):
            return SFTP_FAILURE if self.kind == "full" else QUOTA_EXCEEDED
        self.wrote = True
        self.file.seek(offset)
        self.file.write(data)
        return SFTP_OK

    def stat(self):
        return SFTPAttributes.from_stat(os.fstat(self.file.fileno()))

    def close(self):
        if self.kind == "short" and self.wrote:
            self.file.truncate(max(0, os.fstat(self.file.fileno()).st_size - 1))
        self.file.close()


class Server(paramiko.SFTPServerInterface):
    def place(self, path):
        path = self.canonicalize(path)
        return path.split("/")[1].split("-")[0], ROOT + path

    def faulty(self, command, path, act):
        kind, real = self.place(path)
        note(command, path)
        try:
            return act(kind, real)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def list_folder(self, path):
        def act(kind, real):
            entries = []
            for name in os.listdir(real):
                entry = SFTPAttributes.from_stat(os.lstat(os.path.join(real, name)), name)
                entries.append(entry)
            if kind == "names":
                tag = os.path.basename(real)
                for name in ("..", "../../etc/passwd", "a b", "x\n" + tag, "UPPER.batch", "d" * 250, ".hidden"):
                    entries.append(SFTPAttributes.from_stat(os.stat(real), name))
            return entries
        return self.faulty("list", path, act)

    def stat(self, path):
        return self.faulty("stat", path, lambda kind, real: SFTPAttributes.from_stat(os.stat(real)))

    def lstat(self, path):
        return self.faulty("lstat", path, lambda kind, real: SFTPAttributes.from_stat(os.lstat(real)))

    def open(self, path, flags, attributes):
        def act(kind, real):
            if kind in ("blind", "careless") and not flags & (os.O_WRONLY | os.O_RDWR):
                return SFTP_PERMISSION_DENIED
            return File(kind, real, flags)
        return self.faulty("open", path, act)

    def remove(self, path):
        def act(kind, real):
            if kind == "keeps":
                return SFTP_PERMISSION_DENIED
            os.remove(real)
            return SFTP_OK
        return self.faulty("remove", path, act)

    def rename(self, old, new):
        def act(kind, real):
            target = self.place(new)[1]
            if kind == "nameless":
                return SFTP_PERMISSION_DENIED
            if kind == "same" and real == target:
                return SFTP_FAILURE
            if kind not in ("replaces", "same", "careless") and os.path.lexists(target):
                return SFTP_FAILURE
            os.rename(real, target)
            return SFTP_OK
        return self.faulty("rename", old, act)


def name_packet(count):
    message = paramiko.Message()
    message.add_int(count)
    for number in range(count):
        name = f"20261101-{number:064x}.batch"
        message.add_string(name)
        message.add_string("-rw-r--r--    1 drop     users           1 Nov 29 03:35 ".ljust(3900) + name)
        message.add_int(0)  # no attributes
    return message.asbytes()


class Hostile(paramiko.SFTPServer):
    """Answers for itself where a path of that kind was the last to be opened."""
    kind = ""
    names = name_packet(55)

    def _process(self, command, number, message):
        if command in (CMD_OPEN, CMD_OPENDIR):
            at = message.packet.tell()
            self.kind = message.get_text().strip("/").split("/")[0].split("-")[0]
            message.packet.seek(at)
            if self.kind == "drips" and command == CMD_OPEN:
                for _ in range(220):
                    self.say_too_much()
        asks = command in (CMD_READ, CMD_WRITE, CMD_READDIR)
        if self.kind == "endless" and command == CMD_READDIR:
            self._send_packet(CMD_NAME, struct.pack(">I", number) + self.names)
        elif self.kind in ("strays", "ignores", "channels") and asks:
            for _ in range(3000):
                self.say_too_much()
        else:
            super()._process(command, number, message)

    def say_too_much(self):
        if self.kind in ("strays", "drips"):
            self._send_packet(CMD_DATA, struct.pack(">II", 0xfffffff0, 32_000) + bytes(32_000))
            return
        message = paramiko.Message()
        message.add_byte(bytes([2 if self.kind == "ignores" else 99]))
        message.add_int(12345)
        message.add_string(bytes(32_000))
        self.sock.get_transport()._send_user_message(message)


class Login(paramiko.ServerInterface):
    def get_allowed_auths(self, username):
        return "password,keyboard-interactive"

    def check_auth_password(self, username, password):
        good = (username, password) == ("laptops", "laptops-secret")
        note("password", "good" if good else "wrong")
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        note("questions", "asked")
        return paramiko.AUTH_FAILED

    def check_channel_request(self, kind, number):
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


def serve(connection, host_key):
    transport = paramiko.Transport(connection)
    transport.add_server_key(host_key)
    transport.set_subsystem_handler("sftp", Hostile, Server)
    try:
        transport.start_server(server=Login())
    except (paramiko.SSHException, EOFError):
        transport.close()


def main():
    host_key = paramiko.Ed25519Key.from_private_key_file(HOST_KEY)
    open(LOG, "w").close()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection, host_key), daemon=True).start()


main()
