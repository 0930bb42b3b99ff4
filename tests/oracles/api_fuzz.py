"""schemathesis at the lab server's own API: whatever its OpenAPI permits, and whatever it does not.

    api_fuzz.py --program target/debug/passkey-lab [--requests 10000] [--seed N]

Every check of schemathesis is on: no 5xx; statuses, content types, headers and bodies as described; what violates a schema
is refused, what fits one is taken. Valid data may come to 404, 409, 410 and 422, for what it names may not exist or not
go together, but never to 400. The stream of events has no end and is left out. Exit status 0 when nothing was found and
at least so many requests were made.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

TENANT = "example:fresh-default"
HERE = pathlib.Path(__file__).resolve().parent
# What each operation gets at random, and how many requests all phases together then make at least.
EXAMPLES, REQUESTS = 400, 10_000
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "410", "422"]

[[operations]]
include-path = "/api/events"
enabled = false
"""


class Lab:
    """A running lab without a limit on its rate."""

    def __init__(self, program):
        command = [program, "serve", "--tenant", TENANT, "--listen", ":0", "--management", ":0", "--rate-limit", "0"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.origin = json.loads(self.process.stdout.readline())["listening"]["pages"]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0, "the lab ends well"


def fuzz(lab, folder, arguments):
    """Runs schemathesis; its exit status, and the number of requests."""
    authenticator = lab.ask("/api/authenticators", {"model": "yubikey-5-nfc"})["id"]
    user = lab.ask("/api/users?limit=1")["users"][0]["userPrincipalName"]
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    command = [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", config, "run"]
    command += [f"{lab.origin}/api/openapi.json", "--checks", "all", "--workers", "2", "--continue-on-failure"]
    command += ["--max-examples", EXAMPLES * arguments.requests // REQUESTS + 1, "--seed", arguments.seed, "--no-color"]
    command += ["--generation-database", "none", "--warnings", "off"]
    known = {"API_FUZZ_USER": user, "API_FUZZ_AUTHENTICATOR": authenticator}
    environment = {**os.environ, **known, "SCHEMATHESIS_HOOKS": "api_fuzz_hooks", "PYTHONPATH": str(HERE)}
    ran = subprocess.run([str(part) for part in command], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE)
    print(ran.stdout)
    made = re.search(r"(\d+) generated", ran.stdout)
    return ran.returncode, int(made[1]) if made else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    lab, started = Lab(arguments.program), time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            status, made = fuzz(lab, pathlib.Path(folder), arguments)
    finally:
        lab.stop()
    print(f"{made} requests in {time.monotonic() - started:.0f} s, schemathesis ended with {status}")
    sys.exit(0 if status == 0 and made >= arguments.requests else 1)


if __name__ == "__main__":
    main()
