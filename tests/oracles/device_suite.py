"""Runs Yubico's device suite (tests/device of python-fido2) against emulated keys.

    device_suite.py --program target/debug/passkey-lab --suite target/oracles/fido2-2.2.1 [MODEL..] [--hidraw] [--write]

The key listens on a unix socket; with --hidraw it is plugged in by uhid, and python-fido2 finds it in /dev by itself (in
scripts/guest). The suite's own controller protocol (touch, replug) is answered here and passed on to the key's control
port. What came out is compared with device_suite.json: nothing may fail, and no more may be skipped
than is written there. --write writes it anew.
"""

import argparse
import collections
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.request
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "device_suite.json"
# An RP ID that FIDO published for tests of enterprise attestation: emulated vendors know it.
ENTERPRISE_RP_ID = "enterprisetest.certinfra.fidoalliance.org"
# The RP IDs of the suite; a key of the lab answers no strangers.
RP_IDS = ["example.com", ENTERPRISE_RP_ID]


class Key:
    """A running `authenticator run`."""

    def __init__(self, program, model, listen):
        command = [program, "authenticator", "run", "--model", model, "--listen", listen]
        if listen == "uhid":
            # The kernel keeps 31 packets for the key, and a guest has one processor, which the client would keep.
            command = ["chrt", "--fifo", "1", *command]
        command += ["--touch", "ask", "--control", "127.0.0.1:0", "--quiet"]
        for rp_id in RP_IDS:
            command += ["--allow-rp-id", rp_id]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        line = json.loads(self.process.stdout.readline())
        self.control, self.token = line["control"], line["token"]
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def order(self, path, method="POST"):
        headers = {"Authorization": f"Bearer {self.token}", "X-Passkey-Lab": "device suite"}
        request = urllib.request.Request(self.control + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def controller(key):
    """The suite's robot: GET /, /usb6/touch/on|off, /usb6/power/on|off."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            _, _, order = self.path.lstrip("/").partition("/")
            try:
                body, status = key.order("/" + order, "POST" if order else "GET"), 200
            except OSError as error:
                body, status = str(error).encode(), 502
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run(program, suite, model, hidraw, more):
    with tempfile.TemporaryDirectory() as folder:
        socket = os.path.join(folder, "key.sock")
        key = Key(program, model, "uhid" if hidraw else f"unix:{socket}")
        server = controller(key)
        report = os.path.join(folder, "junit.xml")
        paths = os.pathsep.join([str(HERE), str(suite)])
        command = [sys.executable, "-m", "pytest", "-p", "device_suite_plugin", "tests/device", "-q", "-p", "no:cacheprovider"]
        command += ["--controller", f"http://127.0.0.1:{server.server_port}", f"--junitxml={report}"]
        command += ["--ep-rp-id", ENTERPRISE_RP_ID, *more]
        try:
            environment = {**os.environ, "PYTHONPATH": paths, **({} if hidraw else {"PASSKEY_LAB_KEY": socket})}
            ran = subprocess.run(command, cwd=suite, env=environment, stdin=subprocess.DEVNULL)
            return count(report, ran.returncode)
        finally:
            server.shutdown()
            key.stop()


def count(report, status):
    counted = {"collected": 0, "passed": 0, "failed": [], "skipped": collections.Counter()}
    cases = xml.etree.ElementTree.parse(report).iter("testcase") if os.path.exists(report) else []
    for case in cases:
        name = f"{case.get('classname')}::{case.get('name')}"
        counted["collected"] += 1
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            counted["failed"].append(name)
        elif skipped is not None:
            counted["skipped"][skipped.get("message")] += 1
        else:
            counted["passed"] += 1
    if status not in (0, 1):
        counted["failed"].append(f"the suite ended with status {status}")
    counted["skipped"] = dict(sorted(counted["skipped"].items()))
    return counted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--suite", required=True, type=pathlib.Path)
    parser.add_argument("--hidraw", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--pytest", action="append", default=[], help="one more argument for pytest, such as -k=hid")
    parser.add_argument("models", nargs="*")
    arguments = parser.parse_args()
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {"models": {}}
    wrong = 0
    for model in arguments.models or expected["models"]:
        counted = run(arguments.program.resolve(), arguments.suite.resolve(), model, arguments.hidraw, arguments.pytest)
        skipped = sum(counted["skipped"].values())
        print(f"{model}: {counted['passed']} passed, {skipped} skipped, {len(counted['failed'])} failed", flush=True)
        for why, how_often in counted["skipped"].items():
            print(f"  skipped {how_often}: {why}")
        for name in counted["failed"]:
            print(f"  FAILED {name}")
        wrong += bool(counted["failed"])
        counted["failed"] = len(counted["failed"])
        if arguments.write:
            expected["models"][model] = counted
        elif not arguments.pytest and expected["models"].get(model) != counted:
            print(f"  not as {EXPECTED.name} has it: {expected['models'].get(model)}")
            wrong += 1
    if arguments.write and not wrong:
        EXPECTED.write_text(json.dumps(expected, indent=2) + "\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
