"""Other people's clients at an emulated key that is plugged in: run it where /dev/uhid is, such as in scripts/guest.

    scripts/guest python3 tests/oracles/guest_clients.py --program target/release/passkey-lab [STEP..]

Each step is what a user would do with unmodified programs: browsers on a page, OpenSSH, pam-u2f, python-fido2, ykman,
systemd. What a browser registers is judged by `passkey-lab verify` against the metadata of the key's own maker. Exit
status 0 when every step came out as written here; a step whose program is not installed is skipped, and says so.
"""

import argparse
import base64
import contextlib
import grp
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import native_clients
from browsers import ORIGIN, RP_ID, Browser, RelyingParty, Screen, encoded
from emulated import Failed, Key, has, run
from rehearsal import LabServer, Pages

MODEL = "yubikey-5-nfc"
MODEL_NAME = "YubiKey 5 NFC, firmware 5.7"
AAGUID = "a25342c0-3cdc-4414-8e46-f4807fca511c"
PIN = "273584"
# Whoever makes keys from this seed and time has the metadata of their maker too.
SEED = ["--seed", "7", "--at", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())]
# A browser on a slow machine, from its start to the end of a ceremony.
BROWSER = 120
RULES = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "70-passkey-lab.rules"


class Lab:
    """The program under test, and a folder that outlasts the guest."""

    def __init__(self, program, kept, modules):
        self.program, self.kept, self.modules = program, kept, modules

    @contextlib.contextmanager
    def key(self, *more, model=MODEL):
        key = Key(self.program, model, "uhid", *more)
        try:
            yield key
        finally:
            key.stop()

    def run(self, *arguments, status=(0,)):
        ran = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        if ran.returncode not in status:
            raise Failed(f"passkey-lab {' '.join(map(str, arguments))}: status {ran.returncode}: {ran.stdout}{ran.stderr}")
        return ran


def equal(what, expected, found):
    if found != expected:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")


# ---- browsers


def judge(lab, folder, party, registered, signed_in, verified):
    """What the browser brought, as `passkey-lab verify` sees it."""
    common = {"rp_id": RP_ID, "origin": ORIGIN, "require_user_verification": verified}
    registration = {"id": "registration", "kind": "registration", "response": registered, "allowed_algs": [-7]}
    authentication = {"id": "sign-in", "kind": "authentication", "response": signed_in}
    registration["challenge"], authentication["challenge"] = party.challenges["create"], party.challenges["get"]
    authentication["stored"] = {
        "credential_id": registered["id"],
        "credential_public_key_cose": public_key(registered),
        "sign_count": 0,
        "user_handle": party.user_handle,
    }
    cases = folder / "cases.json"
    cases.write_text(json.dumps([common | registration, common | authentication]))
    ran = lab.run("verify", cases, "--metadata", "lab", *SEED, "--format", "json", status=(0, 1))
    made, got = json.loads(ran.stdout)["result"]
    for case in [made, got]:
        equal(case["id"], "valid", f"{case['outcome']}" + (f": {case['message']}" if case["failed"] else ""))
    equal("AAGUID", AAGUID, made["aaguid"])
    equal("model", MODEL_NAME, made.get("model"))
    equal("attestation", ("packed", "basic"), (made["attestation"]["format"], made["attestation"]["type"]))
    equal("user verified", (verified, verified), (made["flags"]["uv"], got["flags"]["uv"]))
    equal("trust", "trusted", made["attestation"]["trust"])
    trusted = [check["id"] for check in made["trace"] if check["id"].startswith("metadata/") and check["outcome"] == "pass"]
    equal("metadata knows the root", True, "metadata/root" in trusted)
    return f"{made['aaguid']}, {made['attestation']['format']}, {made['attestation']['trust']}, by metadata"


def public_key(registered):
    """The ES256 key in the authenticator data, as base64url: extensions may follow."""
    text = registered["response"]["authenticatorData"]
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    after_id = 55 + int.from_bytes(data[53:55], "big")
    return encoded(data[after_id : after_id + 77])


def ceremony(lab, folder, name, screen=None, pin=None, when_ready=None):
    """One registration and one sign-in in a browser; with a PIN, it is typed into the browser's own dialog."""
    party = RelyingParty("required" if pin else "discouraged", resident=bool(pin))
    browser = Browser(name, screen and screen.environment["DISPLAY"])
    try:
        party.wait_for("ready", BROWSER)
        if when_ready:
            when_ready()
        answers = []
        for step in ["registered", "signed in"]:
            answers.append(typing(party, step, screen, pin) if pin else party.wait_for(step, BROWSER))
    except Failed as failure:
        if screen:
            screen.picture(lab.kept / f"{name}.png")
        raise Failed(f"{failure}\nthe end of the browser's log:\n{browser.tail()}") from None
    finally:
        browser.stop()
        party.stop()
    registered, signed_in = answers
    equal("attachment", "cross-platform", registered["authenticatorAttachment"])
    return judge(lab, folder, party, registered, signed_in, verified=bool(pin))


def typing(party, step, screen, pin):
    """Types the PIN until the page goes on. Nothing tells when the dialog is there, and on the page digits do nothing."""
    for _ in range(BROWSER // 6):
        try:
            return party.wait_for(step, 4)
        except Failed as failure:
            if "did not come" not in str(failure):
                raise
        screen.type(pin)
    return party.wait_for(step, 10)


def chromium(lab, folder):
    with lab.key(*SEED):
        return ceremony(lab, folder, "chromium")


def firefox(lab, folder):
    with lab.key(*SEED):
        return ceremony(lab, folder, "firefox")


def with_pin(lab, folder, name):
    with lab.key(*SEED) as key, Screen() as screen:
        run("fido2-token", "-S", key.device, type_in=[PIN, PIN])
        return ceremony(lab, folder, name, screen, PIN)


def chromium_pin(lab, folder):
    return with_pin(lab, folder, "chromium")


def firefox_pin(lab, folder):
    return with_pin(lab, folder, "firefox")


def hot_plug(lab, folder):
    """Chromium waits for a key, and notices the one that is plugged in then."""
    with lab.key(*SEED) as key:
        key.unplug()
        equal("nodes without a key", [], list(pathlib.Path("/dev").glob("hidraw*")))

        def plug_in_later():
            time.sleep(5)
            key.plug_in()

        return ceremony(lab, folder, "chromium", when_ready=plug_in_later)


# ---- the lab server's own pages


def rehearse(lab, folder, key_options, serve_options):
    """Chromium, as the lab itself would start it, registers and signs in with a key that only attests: the page that
    shows the verdict has the AAGUID that the key reports, and the chain is trusted."""
    with lab.key(*key_options) as key, Screen() as screen:
        run("fido2-token", "-S", key.device, type_in=[PIN, PIN])
        has(run("fido2-token", "-I", key.device), f"aaguid: {AAGUID.replace('-', '')}")
        server = LabServer(lab.program, *serve_options)
        plain = ["chromium", f"--user-data-dir={folder / 'profile'}", server.said["listening"]["pages"] + "/"]
        command = server.said.get("browser", {"command": plain})["command"]
        with open(folder / "log", "w+") as log:
            pages = Pages(lab.modules, command, screen.environment["DISPLAY"], log)
            try:
                pages.wait_for("ready", BROWSER)
                registered, signed_in = [typing(pages, step, screen, PIN) for step in ["registered", "signed in"]]
            except Failed as failure:
                screen.picture(lab.kept / "rehearse.png")
                log.seek(0)
                raise Failed(f"{failure}\nthe end of its log:\n{log.read()[-3000:]}") from None
            finally:
                pages.stop()
                server.stop()
    has(registered, "Allowed", AAGUID, "packed", "LABORATORY, NOT A REAL AUTHENTICATOR", "Attested keys")
    has(signed_in, "Allowed")
    return f"{AAGUID}, allowed at registration and sign-in, attestation enforced"


def lab_pages(lab, folder):
    """At http://localhost: lab and key have one seed, so the lab has the root of the key's maker."""
    return rehearse(lab, folder, SEED, SEED)


def entra_pages(lab, folder):
    """At https://login.microsoft.com, which is the lab in the browser that it prints: no seed goes there, so the key
    writes its root down and the lab reads it."""
    root = folder / "root.pem"
    key_options = ["--allow-rp-id", "login.microsoft.com", "--root", root]
    return rehearse(lab, folder, key_options, ["--entra-host", "--tls=:0", "--anchors", root])


# ---- programs


def native(lab, folder):
    """fido2-tools and OpenSSH as on a pseudo-terminal; here ssh also finds the key by itself, and signs."""
    with lab.key("--allow-rp-id", "ssh:") as key:
        for step in [native_clients.pin, native_clients.credentials, native_clients.resident, native_clients.openssh]:
            inner = folder / step.__name__
            inner.mkdir()
            step(key, inner)


def listed(lab, folder):
    with lab.key() as first, lab.key(model="security-key-nfc") as second:
        text = run("fido2-token", "-L")
        has(text, f"{first.device}: vendor=0x1050, product=0x0402", f"{second.device}: vendor=0x1050, product=0x0120")
        facts = pathlib.Path("/sys/class/hidraw", pathlib.Path(first.device).name, "device/uevent").read_text()
        has(facts, "HID_NAME=Yubico YubiKey FIDO", "HID_UNIQ=")
        has(run("udevadm", "info", "--query=property", first.device), "ID_FIDO_TOKEN=1", "ID_SECURITY_TOKEN=1")
    equal("nodes without a key", [], list(pathlib.Path("/dev").glob("hidraw*")))


def pam(lab, folder):
    keys = folder / "u2f_keys"
    service = pathlib.Path("/etc/pam.d/passkey-lab")
    service.write_text(f"auth required pam_u2f.so authfile={keys} cue\naccount required pam_permit.so\n")
    run("useradd", "--create-home", "ada")
    host = os.uname().nodename
    with lab.key("--allow-rp-id", f"pam://{host}"):
        keys.write_text(run("pamu2fcfg", "-u", "ada"))
        has(keys.read_text(), "ada:", "es256,+presence")
        folder.chmod(0o755)
        has(run("pamtester", "passkey-lab", "ada", "authenticate"), "successfully authenticated")
    # Without the key, nobody gets in.
    run("pamtester", "passkey-lab", "ada", "authenticate", status=1)


PYTHON_FIDO2 = """
from fido2.ctap2 import Ctap2
from fido2.hid import CtapHidDevice
(device,) = CtapHidDevice.list_devices()
info = Ctap2(device).info
print(device.descriptor.vid, device.descriptor.pid, info.aaguid.hex(), info.versions)
"""


def python_fido2(lab, folder):
    """Debian's: it finds hidraw nodes by itself. The suite of a newer one runs through /dev/hidraw in its own stage."""
    with lab.key():
        found = run("/usr/bin/python3", "-c", PYTHON_FIDO2)
        has(found, "4176 1026", AAGUID.replace("-", ""), "FIDO_2_1")


def cryptenroll(lab, folder):
    with lab.key() as key:
        has(run("systemd-cryptenroll", "--fido2-device=list"), key.device)


def ykman(lab, folder):
    """Yubico's own manager takes it for one of theirs."""
    with lab.key() as key:
        has(run("ykman", "list"), "YubiKey", "FIDO")
        has(run("ykman", "fido", "info"), "PIN is not set")
        run("fido2-token", "-S", key.device, type_in=[PIN, PIN])
        has(run("ykman", "fido", "info"), "PIN is set, with 8 attempt(s) remaining")


def permission(lab, folder):
    """Without permission: exit status 3 and the rule that gives it. With the rule: an ordinary user plugs a key in."""
    ordinary = ["setpriv", "--reuid=65534", "--regid=65534", f"--groups={grp.getgrnam('plugdev').gr_gid}"]
    command = [*ordinary, lab.program, "authenticator", "run", "--model", MODEL, "--listen", "uhid"]
    refused = run(*command, status=3)
    has(refused, "uhid: Permission denied", 'KERNEL=="uhid"', "70-passkey-lab.rules")
    rules = RULES.read_text()
    equal("the rule in the hint is that of the file", True, re.search(r"echo '(.*?)'", refused)[1] in rules)
    # A guest has no seat: here the group does what there the seat would.
    for line in re.findall(r"^#(KERNEL.*plugdev.*)$", rules, re.MULTILINE):
        rules += line + "\n"
    pathlib.Path("/etc/udev/rules.d/70-passkey-lab.rules").write_text(rules)
    run("udevadm", "control", "--reload")
    run("udevadm", "trigger", "--settle", "--name-match=uhid")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        node = json.loads(process.stdout.readline())["listening"].removeprefix("hidraw:")
        run("udevadm", "settle")
        has(run(*ordinary, "fido2-token", "-I", node), "aaguid")
    finally:
        process.terminate()
        process.wait(10)


# A step, and the programs without which it is skipped.
STEPS = [
    (listed, ["fido2-token", "udevadm"]),
    (native, ["fido2-token", "ssh-keygen"]),
    (pam, ["pamu2fcfg", "pamtester"]),
    (python_fido2, ["/usr/bin/python3", "/usr/lib/python3/dist-packages/fido2/hid/__init__.py"]),
    (cryptenroll, ["systemd-cryptenroll"]),
    (ykman, ["ykman"]),
    (permission, ["setpriv", "udevadm"]),
    (chromium, ["chromium"]),
    (chromium_pin, ["chromium", "Xvfb", "openbox", "xdotool"]),
    (lab_pages, ["chromium", "node", "Xvfb", "openbox", "xdotool", "fido2-token"]),
    (entra_pages, ["chromium", "node", "Xvfb", "openbox", "xdotool", "fido2-token"]),
    (hot_plug, ["chromium", "udevadm"]),
    (firefox, ["firefox-esr"]),
    (firefox_pin, ["firefox-esr", "Xvfb", "openbox", "xdotool"]),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--modules", type=pathlib.Path, help="node_modules with playwright-core; else beside the program")
    parser.add_argument("steps", nargs="*", help="only these, in the order in which they stand here")
    arguments = parser.parse_args()
    if not os.path.exists("/dev/uhid"):
        print("SKIPPED: there is no /dev/uhid: run it in scripts/guest")
        sys.exit(3)
    modules = arguments.modules or arguments.program.absolute().parents[1] / "oracles/node/node_modules"
    lab = Lab(str(arguments.program.resolve()), pathlib.Path(os.environ.get("GUEST_SHARE", ".")), modules)
    failed = 0
    for step, programs in STEPS:
        if arguments.steps and step.__name__ not in arguments.steps:
            continue
        missing = [program for program in programs if not (shutil.which(program) or os.path.exists(program))]
        if missing:
            print(f"{step.__name__}: SKIPPED: {', '.join(missing)} not installed", flush=True)
            continue
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = step(lab, pathlib.Path(folder))
                said = f"ok{f': {found}' if found else ''}"
            except Failed as failure:
                failed += 1
                said = f"FAILED: {failure}"
            except Exception:
                failed += 1
                said = f"FAILED: {traceback.format_exc()}"
        print(f"{step.__name__}: {time.monotonic() - started:.0f} s: {said}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
