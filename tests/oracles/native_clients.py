"""Debian's fido2-tools and OpenSSH against an emulated key on a pseudo-terminal.

    native_clients.py --program target/debug/passkey-lab [--model yubikey-5-nfc] [--listen pty|uhid]

libfido2 opens the terminal as if it were a hidraw node; by uhid, it is one. Each step is one command of an unmodified program, as a user
would type it; PINs are typed at its prompts, on a terminal of its own. Exit status 0 when every step came out as written
here, 3 when fido2-tools or ssh-keygen are not installed.
"""

import argparse
import base64
import hashlib
import pathlib
import shutil
import sys
import tempfile
import time

from emulated import Failed, Key, has, run

PIN, NEW_PIN = "a1b2c3d4", "11223344"
RP_ID = "lab.test"


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
    """Keys are made and resident ones are fetched. To sign, ssh looks for the device by itself, through udev, and a
    terminal is no HID device to udev."""
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
    sign = ["ssh-keygen", "-Y", "sign", "-f", "ecdsa_sk", "-n", "lab", "text"]
    if key.listen == "pty":
        has(run(*sign, status=255, folder=folder), "device not found")
        return
    run(*sign, folder=folder)
    write(folder, "allowed", "ada " + (folder / "ecdsa_sk.pub").read_text().strip())
    verify = "ssh-keygen -Y verify -f allowed -I ada -n lab -s text.sig <text"
    has(run("sh", "-c", verify, folder=folder), 'Good "lab" signature for ada with ECDSA-SK key')


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
    parser.add_argument("--listen", default="pty", choices=["pty", "uhid"])
    parser.add_argument("steps", nargs="*", help="only these, in the order in which they stand here")
    arguments = parser.parse_args()
    missing = [tool for tool in ["fido2-token", "fido2-cred", "fido2-assert", "ssh-keygen"] if not shutil.which(tool)]
    if missing:
        print(f"SKIPPED: {', '.join(missing)} not installed (Debian: fido2-tools, openssh-client)")
        sys.exit(3)
    key, failed = Key(arguments.program.resolve(), arguments.model, arguments.listen, "--allow-rp-id", "ssh:"), 0
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
