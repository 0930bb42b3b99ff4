"""python-fido2's Fido2Client, at an emulated key, registers and signs in through the lab server's conformance API.

    conformance_client.py --program target/debug/passkey-lab [--model yubikey-5-nfc]

Two programs of ours and a client that nobody here wrote between them: `serve` gives options and judges, `authenticator
run` makes key and signatures. Exit status 0 when every step came out as written here.
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

PIN = "246813"


class Lab:
    """A running `serve`; `origin` is where its pages are."""

    def __init__(self, program):
        command = [program, "serve", "--tenant", "example:fresh-default", "--listen", ":0", "--management", ":0"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.origin = json.loads(self.process.stdout.readline())["listening"]["pages"]

    def post(self, path, body):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.origin + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, "the lab ends well"


def client(origin, path):
    os.environ["PASSKEY_LAB_KEY"] = path
    import device_suite_plugin  # noqa: F401  (lets python-fido2 find the key)
    from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
    from fido2.ctap2 import ClientPin, Ctap2
    from fido2.hid import CtapHidDevice

    class Person(UserInteraction):
        def request_pin(self, permissions, rp_id):
            return PIN

    device = next(CtapHidDevice.list_devices())
    ClientPin(Ctap2(device)).set_pin(PIN)
    return Fido2Client(device, DefaultClientDataCollector(origin), user_interaction=Person())


def plain(response):
    return json.loads(json.dumps(dict(response)))


def rehearse(lab, path):
    from fido2.webauthn import PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions

    key = client(lab.origin, path)
    selection = {"residentKey": "required", "userVerification": "required"}
    asked = {"username": "python@lab.example", "displayName": "Python", "attestation": "direct", "authenticatorSelection": selection}
    options = lab.post("/attestation/options", asked)
    assert options["status"] == "ok", options
    made = key.make_credential(PublicKeyCredentialCreationOptions.from_dict(options))
    told = lab.post("/attestation/result", plain(made))
    assert told["status"] == "ok", told
    print("ok  python-fido2 registers")

    for username in ["python@lab.example", ""]:
        options = lab.post("/assertion/options", {"username": username, "userVerification": "required"})
        assertions = key.get_assertion(PublicKeyCredentialRequestOptions.from_dict(options))
        response = plain(assertions.get_response(0))
        told = lab.post("/assertion/result", response)
        assert told["status"] == "ok", told
        assert lab.post("/assertion/result", response)["status"] == "failed", "a challenge is answered once"
    print("ok  python-fido2 signs in, with a user name and without")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--model", default="yubikey-5-nfc")
    arguments = parser.parse_args()
    lab = Lab(arguments.program)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "key.sock")
        command = [arguments.program, "authenticator", "run", "--model", arguments.model, "--listen", f"unix:{path}", "--quiet"]
        key = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            key.stdout.readline()
            rehearse(lab, path)
        finally:
            key.terminate()
            lab.stop()


if __name__ == "__main__":
    main()
