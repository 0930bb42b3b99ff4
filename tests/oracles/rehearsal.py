"""A running lab server, and Chromium at its own pages: for the steps in the guest, where a key is plugged in."""

import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import threading

from emulated import Failed

SCRIPT = pathlib.Path(__file__).with_name("rehearse.mjs")
USER = "pilot@lab.example"
PROFILE = "00000000-0000-0000-0000-000000000001"
# Everybody may register what is attested, and nothing else.
TENANT = {
    "fido2": {
        "id": "Fido2",
        "state": "enabled",
        "isSelfServiceRegistrationAllowed": True,
        "defaultPasskeyProfile": PROFILE,
        "passkeyProfiles": [
            {
                "id": PROFILE,
                "name": "Attested keys",
                "passkeyTypes": "deviceBound",
                "attestationEnforcement": "registrationOnly",
                "keyRestrictions": {"isEnforced": False, "enforcementType": "allow", "aaGuids": []},
            }
        ],
        "includeTargets": [{"targetType": "group", "id": "all_users", "allowedPasskeyProfiles": [PROFILE]}],
        "excludeTargets": [],
    }
}


class LabServer:
    """`passkey-lab serve` until it is told to stop; `said` is the line that it printed."""

    def __init__(self, program, *more):
        command = [program, "serve", "--tenant", "-", "--listen", ":0", "--management", ":0", "--quiet", *more]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(TENANT))
        self.process.stdin.close()
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the lab server did not start: status {self.process.wait(10)}")
        self.said = json.loads(line)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(20) != 0:
            raise Failed("the lab server did not end well")


class Pages:
    """The browser, and what it says of the lab's pages."""

    def __init__(self, modules, command, display, log):
        environment = {**os.environ, "DISPLAY": display, "PASSKEY_LAB_ORACLE_NODE_MODULES": str(modules)}
        arguments = [shutil.which("node"), SCRIPT, "--command", json.dumps(command), "--user", USER]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
            start_new_session=True,
        )
        self.said = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put({"step": "failed", "why": "the browser ended"})

    def wait_for(self, step, seconds):
        """The next thing that is said, which has to be this."""
        try:
            said = self.said.get(timeout=seconds)
        except queue.Empty:
            raise Failed(f"the page did not come to “{step}” within {seconds} s") from None
        if said["step"] != step:
            raise Failed(f"the page should come to “{step}”, and came to {said}")
        return said.get("response")

    def stop(self):
        for how in [signal.SIGTERM, signal.SIGKILL]:
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
