"""The lab server when its file cannot grow any more, and when it can again.

    full_disk.py --program target/debug/passkey-lab

The kernel refuses the writes (RLIMIT_FSIZE, set and lifted while the program runs), as it does on a full disk. What is
refused gets 503 and a hint, pages and reads go on, and when there is room the lab goes on without being started again.
What was acknowledged is there after a restart; what was refused is not. Exit status 0 when all of that is so.
"""

import argparse
import json
import resource
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


class Lab:
    def __init__(self, program, data):
        command = [program, "serve", "--tenant", "example:fresh-default", "--data", data, "--rate-limit", "0"]
        # A program that writes beyond the limit gets an error instead of a signal, if whoever starts it ignores that.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.process = subprocess.Popen(command + ["--listen", ":0", "--management", ":0"], stdout=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True, restore_signals=False)
        self.origin = json.loads(self.process.stdout.readline())["listening"]["pages"]

    def ask(self, path, body=None):
        headers = {"Authorization": "Bearer any", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.origin + path, data, headers), timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def add(self, number):
        user = {"displayName": "x" * 2000, "userPrincipalName": f"user{number}@lab.example"}
        return self.ask("/v1.0/users", user)

    def users(self):
        names, path = set(), "/v1.0/users?$select=userPrincipalName&$top=999"
        while path:
            status, page = self.ask(path)
            assert status == 200, page
            names |= {user["userPrincipalName"] for user in page["value"]}
            path = page.get("@odata.nextLink", "").removeprefix(self.origin)
        return {int(name[4:].split("@")[0]) for name in names if name.startswith("user")}

    def limit(self, size):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, "the lab ends well"


def settled(lab, expected):
    """Waits until the state is that of the file: what was refused may be seen for a moment."""
    until = time.monotonic() + 20
    while lab.users() != expected:
        assert time.monotonic() < until, sorted(lab.users() ^ expected)
        time.sleep(0.05)


def fill(lab, first):
    """Adds users until there is no room; gives those that were acknowledged."""
    lab.limit(1 << 20)
    for number in range(first, first + 2000):
        status, body = lab.add(number)
        if status == 503:
            assert "Make room on the disk" in body["error"]["message"], body
            assert body["error"]["code"] == "serviceNotAvailable", body
            return set(range(first, number))
        assert status == 201, (number, status, body)
    raise AssertionError("the limit was never met")


def recover(lab, number):
    """Adds one user as soon as it goes."""
    lab.limit(resource.RLIM_INFINITY)
    until = time.monotonic() + 20
    while (status := lab.add(number)[0]) != 201:
        assert status == 503 and time.monotonic() < until, status
        time.sleep(0.1)
    return {number}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        lab, acknowledged = Lab(arguments.program, data), set()
        try:
            for round_ in range(3):
                acknowledged |= fill(lab, round_ * 10_000)
                settled(lab, acknowledged)
                assert lab.add(9_999)[0] == 503, "still no room"
                assert lab.ask("/v1.0/users/nobody")[0] == 404, "what only reads is answered"
                acknowledged |= recover(lab, round_ * 10_000 + 5_000)
                settled(lab, acknowledged)
            lab.stop()
            lab = Lab(arguments.program, data)
            assert lab.users() == acknowledged, sorted(lab.users() ^ acknowledged)
            lab.stop()
        finally:
            lab.process.kill()
    print(f"no room three times; {len(acknowledged)} users were acknowledged, they and no others are there")


main()
