"""`passkey-lab key` at an emulated key that the system takes for a real one: in scripts/guest, through /dev/hidraw.

    real_key.py --program target/debug/passkey-lab [--second PROGRAM] [--rounds 100] [STEP ...]

What other people's clients put on the key is put there by them (fido2-cred). Exit status 0 when every step came out
as written here, 3 where there is no /dev/uhid.
"""

import argparse
import base64
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from emulated import Failed, Key, has

MODEL, PIN, NEW_PIN = "yubikey-5-nfc", "a1b2c3d4", "11223344"
LAB_RP, ENTRA = "passkey-lab.test", "login.microsoft.com"
TENANT, USER = "example:fresh-default", "anna.seidel@lindenhof.example"
README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
PATIENCE = 60


class Bench:
    """A key by uhid, and a ledger of its own."""

    def __init__(self, program, second, folder):
        self.program, self.second, self.folder = program, second, pathlib.Path(folder)
        self.key = Key(program, MODEL, "uhid", "--allow-rp-id", ENTRA)
        self.ledger = self.folder / "ledger.json"
        self.environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": "", "PATH": f"{folder}:{os.environ['PATH']}"}
        if second:
            self.environment["PASSKEY_LAB_CTAP_HID_FIDO2"] = second
        (self.folder / "passkey-lab").symlink_to(program)

    def start(self, *arguments, pin=PIN, new_pin=None, ledger=True):
        """`key ...` as a script runs it: PINs through file descriptors."""
        command, descriptors = [self.program, "key", *arguments], []
        for option, text in (("--pin-fd", pin), ("--new-pin-fd", new_pin)):
            if text is not None:
                reader, writer = os.pipe()
                os.write(writer, text.encode() + b"\n")
                os.close(writer)
                command += [option, str(reader)]
                descriptors.append(reader)
        command += ["--ledger", str(self.ledger)] if ledger else []
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, pass_fds=descriptors, env=self.environment)
        for descriptor in descriptors:
            os.close(descriptor)
        return process

    def run(self, *arguments, status=0, **more):
        process = self.start(*arguments, "--format", "json", **more)
        out, err = process.communicate(timeout=PATIENCE)
        if process.returncode != status:
            raise Failed(f"key {' '.join(arguments)}: expected status {status}, found {process.returncode}: {err}{out}")
        for secret in (PIN, NEW_PIN):
            if secret in out + err:
                raise Failed(f"key {' '.join(arguments)} shows the PIN")
        return json.loads(out)["result"] if out else err

    def held(self, *more):
        return {(row["rp_id"], row["user_handle"]): row for row in self.run("credentials", *more)["credentials"]}

    def entries(self):
        return json.loads(self.ledger.read_text())["entries"] if self.ledger.exists() else []

    def plant(self, rp_id, name, handle=b"OF:somebody's own"):
        """Somebody's own passkey, made by fido2-cred."""
        challenge = base64.b64encode(hashlib.sha256(b"planted").digest()).decode()
        request = self.folder / "planted.in"
        request.write_text(f"{challenge}\n{rp_id}\n{name}\n{base64.b64encode(handle).decode()}\n")
        command = ["fido2-cred", "-M", "-r", "-v", "-i", str(request), "-o", str(self.folder / "planted"), self.key.device, "es256"]
        converse(command, [(r"PIN for [^\n]*: *$", PIN)], self.environment)

    def stop(self):
        self.key.stop()


def equal(what, expected, found):
    if expected != found:
        raise Failed(f"{what}: expected {expected}, found {found}")


def converse(command, answers, environment, status=0):
    """Runs a program on a terminal and answers its questions, each (pattern, text) as often as it comes."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.execvpe(command[0], command, environment)
        finally:
            os._exit(127)
    written, seen, until = "", 0, time.monotonic() + PATIENCE
    while True:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise Failed(f"{' '.join(command)} hangs after: {written}")
        if terminal in select.select([terminal], [], [], 0.2)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            written += part.decode(errors="replace").replace("\r\n", "\n")
            for pattern, answer in answers:
                if re.search(pattern, written[seen:]):
                    seen = len(written)
                    text = answer() if callable(answer) else answer
                    if text is not None:
                        os.write(terminal, text.encode() + b"\n")
    found = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    if found != status:
        raise Failed(f"{' '.join(command)}: expected status {status}, found {found}: {written}")
    return written


def everything(bench, *client):
    """list, info, pin, register, sign-in, credentials, clean."""
    found = bench.run("list", *client, pin=None, ledger=False)
    equal("keys", [bench.key.device], [row["path"] for row in found])
    info = bench.run("info", *client, pin=None)
    equal("model", MODEL, info["model"]["id"])
    equal("a PIN", False, info["pin"]["set"])
    bench.run("pin", "set", *client, pin=None, new_pin=PIN)
    equal("attempts", 8, bench.run("pin", *client, pin=None)["pin"]["retries"])
    who = ["--tenant", TENANT, "--user", USER]
    registered = bench.run("register", "--yes", *who, *client)
    equal("registration", "allowed", registered["registration"]["verdict"])
    equal("response", "valid", registered["registration"]["webauthn"]["outcome"])
    equal("signature", "allowed", bench.run("sign-in", *who, *client)["sign_in"]["verdict"])
    equal("held", [(LAB_RP, True)], [(row["rp_id"], row["lab"]) for row in bench.held(*client).values()])
    bench.run("pin", "change", *client, new_pin=NEW_PIN)
    has(bench.run("credentials", *client, status=3), "PIN")
    bench.run("pin", "change", *client, pin=NEW_PIN, new_pin=PIN)
    equal("deleted", 1, len(bench.run("credentials", "clean", "--yes", *client)["deleted"]))
    equal("held", {}, bench.held(*client))
    equal("ledger", [], bench.entries())


def as_a_real_one(bench):
    everything(bench)
    key = bench.run("list", pin=None, ledger=False)[0]
    if "serial" in key:
        bench.run("info", "--serial", key["serial"], pin=None)
        has(bench.run("info", "--serial", "of nobody", pin=None, status=3), "of nobody")
    has(bench.run("info", "--path", "/dev/null", pin=None, status=2), "no FIDO device")
    has(bench.run("list", "--seed", "7", pin=None, ledger=False, status=2), "--seed")
    has(bench.run("reset", pin=None, status=2), "typed")
    words = f"delete everything on {bench.key.device}"
    answers = [(r"and Enter to reset it\n$", words), (r"unplug the key[^\n]*\n$", lambda: bench.key.replug())]
    converse([bench.program, "key", "reset"], answers, bench.environment)
    equal("a PIN", False, bench.run("info", pin=None)["pin"]["set"])


def several(bench):
    """Of two keys the one that is touched is meant, also where it is too old to be asked for that (CTAP 2.0)."""
    old = Key(bench.program, "yubikey-5-nfc-5.1", "uhid")
    try:
        for key, model in ((bench.key, MODEL), (old, "yubikey-5-nfc-5.1")):
            for one in (bench.key, old):
                one.order("/touch/off")
            finger = threading.Timer(1.5, lambda: key.order("/touch/on"))
            finger.start()
            equal("touched", model, bench.run("info", pin=None)["model"]["id"])
            finger.join()
        for one in (bench.key, old):
            one.order("/touch/on")
        equal("by path", MODEL, bench.run("info", "--path", bench.key.device, pin=None)["model"]["id"])
        equal("keys", 2, len(bench.run("list", pin=None, ledger=False)))
    finally:
        old.stop()


def not_to_be_had(bench):
    """No permission, no key, another program's."""
    command = ["setpriv", "--reuid=65534", "--clear-groups", bench.program, "key", "info", "--path", bench.key.device]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    equal("status without permission", 3, refused.returncode)
    has(refused.stderr, "no permission", 'SUBSYSTEM=="hidraw", ENV{ID_FIDO_TOKEN}=="1"')
    with open(bench.key.device, "r+b", buffering=0) as node:
        fcntl.flock(node, fcntl.LOCK_EX)
        has(bench.run("info", pin=None, status=3), "another program is using the key")
    bench.run("info", pin=None)
    bench.run("pin", "set", pin=None, new_pin=PIN)
    has(bench.run("register", "--yes", pin="wrong-pin", status=1)["registration"]["message"], "PIN")
    equal("attempts", 7, bench.run("pin", pin=None)["pin"]["retries"])
    bench.key.unplug()
    has(bench.run("info", pin=None, status=3), "there is no security key")
    bench.key.plug_in()


def second_client(bench):
    if not bench.second:
        has(bench.run("info", "--client", "ctap-hid-fido2", pin=None, status=3), "cargo build", "crates/ctap-hid-fido2")
        return "the program is not built: only its absence was seen"
    everything(bench, "--client", "ctap-hid-fido2")
    has(bench.run("reset", "--client", "ctap-hid-fido2", pin=None, status=2), "cannot reset")


def never_replaced(bench):
    """A passkey of Entra's own name stays what it is, whatever is tried."""
    bench.run("pin", "set", pin=None, new_pin=PIN)
    bench.plant(ENTRA, USER)
    before = bench.held()
    equal("planted", [ENTRA], [rp_id for rp_id, _ in before])
    who = ["--tenant", TENANT, "--user", USER]
    refused = bench.run("register", "--yes", "--rp-id", ENTRA, *who, status=2)
    has(refused, "could replace it", USER)
    equal("held", before, bench.held())
    equal("ledger", [], bench.entries())
    # Another user's goes beside it, and only on request: nobody agreed here.
    has(bench.run("register", "--rp-id", ENTRA, status=2), "nothing was written", "a slot is used up")
    equal("held", before, bench.held())
    bench.run("register", "--yes", "--rp-id", ENTRA)
    equal("held", 2, len(bench.held()))
    bench.run("sign-in", "--rp-id", ENTRA)
    bench.run("credentials", "clean", "--yes")
    equal("held", before, bench.held())


def interrupted(bench, rounds):
    """The ledger is exact, whatever ends a registration, and whenever."""
    bench.run("pin", "set", pin=None, new_pin=PIN)
    bench.plant(LAB_RP, "somebody's own")
    dice = random.Random(time.time_ns())
    counts = {"unplugged": 0, "killed": 0, "refused": 0, "done": 0}
    for number in range(rounds):
        how = dice.choice(["unplug", "kill", "refuse"])
        waits = dice.random() < 0.5
        bench.key.order("/touch/off" if waits or how == "refuse" else "/touch/on")
        process = bench.start("register", "--yes", "--quiet")
        if how == "refuse":
            # The person walks away: the key is unplugged while it waits, and the program refuses.
            time.sleep(0.3 + dice.random() * 0.2)
            bench.key.unplug()
        else:
            time.sleep(dice.random() * 0.5)
            if how == "unplug":
                bench.key.unplug()
            else:
                process.kill()
        out, err = process.communicate(timeout=PATIENCE)
        counts["done" if process.returncode == 0 else {"unplug": "unplugged", "kill": "killed", "refuse": "refused"}[how]] += 1
        if process.returncode not in (0, 1, 3, -signal.SIGKILL):
            raise Failed(f"round {number}: status {process.returncode}: {err}{out}")
        if how in ("unplug", "refuse"):
            bench.key.plug_in()
        bench.key.order("/touch/on")
        wait_for(bench)
        held, entries = bench.held(), bench.entries()
        known = {(entry["rp_id"], entry["user_handle"]) for entry in entries}
        ours = {place for place in held if base64.urlsafe_b64decode(place[1] + "==").startswith(b"LAB")}
        if not ours <= known:
            raise Failed(f"round {number} ({how}): the key holds what the ledger does not know: {ours - known}")
        written = {(entry["rp_id"], entry["user_handle"]) for entry in entries if entry["state"] == "written"}
        if not written <= ours:
            raise Failed(f"round {number} ({how}): the ledger says written: {written - ours}")
    bench.run("credentials", "clean", "--yes", "--forget")
    equal("held", ["somebody's own"], [row["user_name"] for row in bench.held().values()])
    equal("ledger", [], bench.entries())
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def wait_for(bench):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if os.path.exists(bench.key.device):
            return
        time.sleep(0.05)
    raise Failed("the key did not come back")


def readme(bench):
    """README's page, word for word."""
    _, _, page = README.read_text().partition("## With a real YubiKey\n")
    page, _, _ = page.partition("\n## ")
    commands = [line[2:] for block in re.findall(r"```console\n(.*?)```", page, re.S)
                for line in block.splitlines() if line.startswith("$ ")]
    if len(commands) < 6:
        raise Failed(f"the README's page has {len(commands)} commands")
    words = f"delete everything on {bench.key.device}"
    answers = [(r"new PIN[^\n]*: *$", PIN), (r"PIN of the key[^\n]*: *$", PIN), (r"y and Enter for yes\n$", "y"),
               (r"and Enter to reset it\n$", words), (r"unplug the key[^\n]*\n$", lambda: bench.key.replug())]
    for command in commands:
        command, _, _ = command.partition("  #")
        converse(["sh", "-c", command], answers, bench.environment)
    return f"{len(commands)} commands"


STEPS = [as_a_real_one, several, not_to_be_had, second_client, never_replaced, interrupted, readme]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--second", type=pathlib.Path, help="the program passkey-lab-ctap-hid-fido2")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("steps", nargs="*")
    arguments = parser.parse_args()
    if not os.path.exists("/dev/uhid"):
        print("SKIPPED: there is no /dev/uhid: run it in scripts/guest")
        sys.exit(3)
    second = str(arguments.second.resolve()) if arguments.second and arguments.second.exists() else None
    failed = 0
    for step in STEPS:
        if arguments.steps and step.__name__ not in arguments.steps:
            continue
        if step in (never_replaced, interrupted) and not shutil.which("fido2-cred"):
            print(f"{step.__name__}: SKIPPED: fido2-cred not installed", flush=True)
            continue
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(str(arguments.program.resolve()), second, folder)
            try:
                found = step(bench, arguments.rounds) if step is interrupted else step(bench)
                said = f"ok{f': {found}' if found else ''}"
                bench.stop()
            except (Failed, subprocess.TimeoutExpired, OSError, KeyError) as failure:
                failed += 1
                said = f"FAILED: {failure!r}"
                bench.key.process.kill()
        print(f"{step.__name__}: {time.monotonic() - started:.0f} s: {said}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
