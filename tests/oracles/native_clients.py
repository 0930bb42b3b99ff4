"""Debian's fido2-tools and OpenSSH against an emulated key on a pseudo-terminal.

    native_clients.py --program target/debug/passkey-lab [--model yubikey-5-nfc]

libfido2 opens the terminal as if it were a hidraw node. Each step is one command of an unmodified program, as a user
would type it; PINs are typed at its prompts, on a terminal of its own. Exit status 0 when every step came out as written
here, 3 when fido2-tools or ssh-keygen are not installed.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PIN, NEW_PIN = "a1b2c3d4", "11223344"
RP_ID = "lab.test"
# A program that waits longer than this for its device hangs.
PATIENCE = 30


class Failed(Exception):
    pass


class Key:
    """A running `authenticator run`; `device` is its path now."""

    def __init__(self, program, model, *more):
        command = [program, "authenticator", "run", "--model", model, "--listen", "pty", "--allow-rp-id", "ssh:"]
        command += ["--control", "127.0.0.1:0", "--quiet", *more]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.read_line()

    def read_line(self):
        line = json.loads(self.process.stdout.readline())
        self.device = line["listening"].removeprefix("pty:")
        self.control, self.token = line["control"], line["token"]
        self.plugged_at = time.monotonic()

    def order(self, path):
        headers = {"Authorization": f"Bearer {self.token}", "X-Passkey-Lab": "native clients"}
        request = urllib.request.Request(self.control + path, method="POST", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    def replug(self):
        self.order("/power/off")
        self.order("/power/on")
        self.read_line()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(10) != 0:
            raise Failed("the key did not end well")


def run(*command, type_in=(), status=0, folder=None, while_running=None):
    """Runs a program on a terminal, types one line at each prompt, and gives what it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            if folder:
                os.chdir(folder)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    if while_running:
        threading.Thread(target=while_running, daemon=True).start()
    written, answers, seen, until = b"", list(type_in), 0, time.monotonic() + PATIENCE
    while True:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise Failed(f"{' '.join(command)} hangs after: {written.decode(errors='replace')}")
        if terminal in select.select([terminal], [], [], 0.2)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            written += part
            if answers and re.search(rb"(PIN|passphrase)[^\n]*: *$", written[seen:]):
                seen = len(written)
                os.write(terminal, answers.pop(0).encode() + b"\n")
    found = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    text = written.decode(errors="replace").replace("\r\n", "\n")
    if found != status:
        raise Failed(f"{' '.join(command)}: expected status {status}, found {found}: {text}")
    return text


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise Failed(f"expected “{part}” in: {text}")
    return text


def write(folder, name, *lines):
    (folder / name).write_text("".join(f"{line}\n" for line in lines))
    return name


def hash_of(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def information(key, folder):
    has(run("fido2-token", "-I", key.device), "proto: 0x02", "FIDO_2_0", "aaguid: ")


def pin(key, folder):
    run("fido2-token", "-S", key.device, type_in=[PIN, PIN])
    has(run("fido2-token", "-I", key.device), "clientPin", "pin retries: 8")
    run("fido2-token", "-C", key.device, type_in=["wrong-pin", NEW_PIN, NEW_PIN], status=1)
    has(run("fido2-token", "-I", key.device), "pin retries: 7")
    run("fido2-token", "-C", key.device, type_in=[PIN, NEW_PIN, NEW_PIN])
    run("fido2-token", "-C", key.device, type_in=[NEW_PIN, PIN, PIN])
    has(run("fido2-token", "-I", key.device), "pin retries: 8")


def credential(key, folder, algorithm="es256", resident=False):
    """Makes a credential, verifies it, signs in with it, verifies that."""
    write(folder, "make", hash_of("make"), RP_ID, "ada", base64.b64encode(b"user-1").decode())
    options = ["-r"] if resident else []
    run("fido2-cred", "-M", *options, "-i", "make", "-o", "made", key.device, algorithm, type_in=[PIN], folder=folder)
    run("fido2-cred", "-V", "-i", "made", "-o", "verified", algorithm, folder=folder)
    verified = (folder / "verified").read_text().splitlines()
    credential_id = verified[0]
    write(folder, "public.pem", *verified[1:])
    write(folder, "get", hash_of("get"), RP_ID, *([] if resident else [credential_id]))
    options = ["-r"] if resident else []
    run("fido2-assert", "-G", *options, "-v", "-i", "get", "-o", "got", key.device, type_in=[PIN], folder=folder)
    run("fido2-assert", "-V", "-v", "-i", "got", "public.pem", algorithm, folder=folder)
    return credential_id


def credentials(key, folder):
    for algorithm in ["es256", "eddsa"]:
        credential(key, folder, algorithm)


def resident(key, folder):
    credential_id = credential(key, folder, resident=True)
    has(run("fido2-token", "-L", "-r", key.device, type_in=[PIN]), RP_ID)
    has(run("fido2-token", "-L", "-k", RP_ID, key.device, type_in=[PIN]), credential_id, "dXNlci0x", "es256")
    has(run("fido2-token", "-I", "-c", key.device, type_in=[PIN]), "existing rk(s): 1")
    run("fido2-token", "-D", "-i", credential_id, key.device, type_in=[PIN])
    has(run("fido2-token", "-I", "-c", key.device, type_in=[PIN]), "existing rk(s): 0")


def declined(key, folder):
    """A touch that does not come, and one that is refused."""
    key.order("/touch/off")
    write(folder, "make", hash_of("make"), "other.test", "ada", base64.b64encode(b"user-1").decode())
    command = ["fido2-cred", "-M", "-i", "make", "-o", "made", key.device]

    def decline():
        time.sleep(1)
        key.order("/touch/deny")

    has(run(*command, type_in=[PIN], status=1, folder=folder, while_running=decline), "FIDO_ERR_OPERATION_DENIED")

    def press():
        time.sleep(1)
        key.order("/touch/press")

    run(*command, type_in=[PIN], folder=folder, while_running=press)
    key.order("/touch/on")


def stranger(key, folder):
    write(folder, "make", hash_of("make"), "login.microsoft.com", "ada", base64.b64encode(b"user-1").decode())
    command = ["fido2-cred", "-M", "-i", "make", "-o", "made", key.device]
    has(run(*command, type_in=[PIN], status=1, folder=folder), "FIDO_ERR_OPERATION_DENIED")


def openssh(key, folder):
    """Keys are made and resident ones are fetched. Signing is not: ssh looks for the device by itself, through udev,
    and a terminal is no HID device to udev."""
    for kind in ["ecdsa-sk", "ed25519-sk"]:
        name = kind.replace("-", "_")
        command = ["ssh-keygen", "-t", kind, "-O", f"device={key.device}", "-N", "", "-f", name]
        run(*command, type_in=[PIN], folder=folder)
        has(run("ssh-keygen", "-l", "-f", f"{name}.pub", folder=folder), kind.upper())
    command = ["ssh-keygen", "-t", "ed25519-sk", "-O", f"device={key.device}", "-O", "resident", "-O", "verify-required"]
    run(*command, "-N", "", "-f", "resident", type_in=[PIN], folder=folder)
    (folder / "fetched").mkdir()
    run("ssh-keygen", "-K", "-O", f"device={key.device}", "-N", "", type_in=[PIN], folder=folder / "fetched")
    (fetched,) = (folder / "fetched").glob("*.pub")
    if fetched.read_text().split()[1] != (folder / "resident.pub").read_text().split()[1]:
        raise Failed("the fetched key is not the one that was made")
    (folder / "text").write_text("signed\n")
    signing = run("ssh-keygen", "-Y", "sign", "-f", "ecdsa_sk", "-n", "lab", "text", status=255, folder=folder)
    has(signing, "device not found")


def reset(key, folder):
    """Only in the first ten seconds with power."""
    time.sleep(max(0.0, key.plugged_at + 11 - time.monotonic()))
    has(run("fido2-token", "-R", key.device, status=1), "FIDO_ERR_NOT_ALLOWED")
    key.replug()
    run("fido2-token", "-R", key.device)
    has(run("fido2-token", "-I", key.device), "noclientPin")


STEPS = [information, pin, credentials, resident, declined, stranger, openssh, reset]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--model", default="yubikey-5-nfc")
    parser.add_argument("steps", nargs="*", help="only these, in the order in which they stand here")
    arguments = parser.parse_args()
    missing = [tool for tool in ["fido2-token", "fido2-cred", "fido2-assert", "ssh-keygen"] if not shutil.which(tool)]
    if missing:
        print(f"SKIPPED: {', '.join(missing)} not installed (Debian: fido2-tools, openssh-client)")
        sys.exit(3)
    key, failed = Key(arguments.program.resolve(), arguments.model), 0
    try:
        for step in STEPS:
            if arguments.steps and step.__name__ not in arguments.steps:
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    step(key, pathlib.Path(folder))
                    print(f"{step.__name__}: ok", flush=True)
                except Failed as failure:
                    failed += 1
                    print(f"{step.__name__}: FAILED: {failure}", flush=True)
    finally:
        key.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
