"""Chromium and Firefox, unmodified, on a page that registers a passkey and signs in with it.

The page is the plainest there is: it asks for options, hands them to `navigator.credentials`, and posts what
`toJSON()` gives. Nothing here touches the browser but a keyboard: no WebDriver, no virtual authenticator.
"""

import base64
import http.server
import json
import os
import pathlib
import queue
import secrets
import signal
import subprocess
import tempfile
import threading
import time

from emulated import Failed

PORT = 8080
ORIGIN = f"http://localhost:{PORT}"
RP_ID = "localhost"
DISPLAY = ":7"
# Firefox asks its user before it shows who made a key; there is a preference for those who have agreed.
FIREFOX_PREFERENCES = {
    "security.webauthn.always_allow_direct_attestation": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "browser.preonboarding.enabled": False,
    "termsofuse.bypassNotification": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
PAGE = """<!doctype html><title>Rehearsal</title><script type="module">
const post = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) });
const options = async path => (await fetch(path)).json();
try {
    await post("/said", { step: "ready" });
    const asked = PublicKeyCredential.parseCreationOptionsFromJSON(await options("/create"));
    const made = await navigator.credentials.create({ publicKey: asked });
    await post("/said", { step: "registered", response: made.toJSON() });
    const again = PublicKeyCredential.parseRequestOptionsFromJSON(await options("/get"));
    const got = await navigator.credentials.get({ publicKey: again });
    await post("/said", { step: "signed in", response: got.toJSON() });
} catch (error) {
    await post("/said", { step: "failed", why: `${error.name}: ${error.message}` });
}
</script>"""


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class RelyingParty:
    """Serves the page, and keeps what was asked and answered."""

    def __init__(self, verification, resident, attestation="direct"):
        self.verification, self.resident, self.attestation = verification, resident, attestation
        self.challenges = {kind: encoded(secrets.token_bytes(32)) for kind in ["create", "get"]}
        self.user_handle = encoded(b"LAB" + secrets.token_bytes(13))
        self.said, self.credential = queue.Queue(), None
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        party = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                pages = {"/": PAGE, "/create": json.dumps(party.creation()), "/get": json.dumps(party.request())}
                body = pages.get(self.path)
                kind = "text/html; charset=utf-8" if self.path == "/" else "application/json"
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write((body or "").encode())

            def do_POST(self):
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if said["step"] == "registered":
                    party.credential = said["response"]
                party.said.put(said)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def creation(self):
        return {
            "rp": {"id": RP_ID, "name": "Rehearsal"},
            "user": {"id": self.user_handle, "name": "ada", "displayName": "Ada"},
            "challenge": self.challenges["create"],
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "authenticatorSelection": {
                "authenticatorAttachment": "cross-platform",
                "residentKey": "required" if self.resident else "discouraged",
                "requireResidentKey": self.resident,
                "userVerification": self.verification,
            },
            "attestation": self.attestation,
            "timeout": 120_000,
        }

    def request(self):
        credential = self.credential or {}
        allowed = {"type": "public-key", "id": credential.get("id", ""), "transports": ["usb"]}
        return {
            "rpId": RP_ID,
            "challenge": self.challenges["get"],
            "allowCredentials": [] if self.resident else [allowed],
            "userVerification": self.verification,
            "timeout": 120_000,
        }

    def wait_for(self, step, seconds):
        """The next thing that the page says, which has to be this."""
        try:
            said = self.said.get(timeout=seconds)
        except queue.Empty:
            raise Failed(f"the page did not come to “{step}” within {seconds} s") from None
        if said["step"] != step:
            raise Failed(f"the page should come to “{step}”, and came to {said}")
        return said.get("response")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Browser:
    """A browser at the page, with a profile of its own that is thrown away; its log is shown where a step fails."""

    def __init__(self, name, display=None):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder = pathlib.Path(self.folder.name)
        self.log = folder / "log"
        command, environment = {"chromium": chromium, "firefox": firefox}[name](folder, headless=display is None)
        environment = {**os.environ, "HOME": str(folder), **environment, **({"DISPLAY": display} if display else {})}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def tail(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if "dbus" not in line][-25:])

    def stop(self):
        for how in [signal.SIGTERM, signal.SIGKILL]:
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.folder.cleanup()


def chromium(folder, headless):
    # Root has no sandbox in Chromium, and a guest has no graphics card.
    command = ["chromium", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    command += ["--enable-logging=stderr", "--vmodule=*fido*=1,*webauthn*=1", "--password-store=basic"]
    command += ["--headless=new"] if headless else ["--window-size=900,700", "--window-position=0,0"]
    return [*command, f"--user-data-dir={folder / 'profile'}", ORIGIN + "/"], {}


def firefox(folder, headless):
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in FIREFOX_PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    command = ["firefox-esr", "--no-remote", "--profile", str(profile), *(["--headless"] if headless else [])]
    return [*command, ORIGIN + "/"], {"MOZ_DISABLE_CONTENT_SANDBOX": "1", "RUST_LOG": "authenticator=info"}


class Screen:
    """A screen without a picture, with a window manager, and somebody at its keyboard."""

    def __init__(self):
        self.environment = {**os.environ, "DISPLAY": DISPLAY}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = ["Xvfb", DISPLAY, "-screen", "0", "1000x800x24", "-nolisten", "tcp"]
        self.processes = [subprocess.Popen(command, **quiet)]
        until = time.monotonic() + 20
        while not os.path.exists(f"/tmp/.X11-unix/X{DISPLAY[1:]}"):
            if time.monotonic() > until:
                raise Failed("Xvfb does not start")
            time.sleep(0.1)
        self.processes.append(subprocess.Popen(["openbox"], env=self.environment, **quiet))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(10)

    def type(self, text):
        for order in [["type", "--delay", "60", text], ["key", "Return"]]:
            subprocess.run(["xdotool", *order], env=self.environment, check=True, timeout=20)

    def picture(self, file):
        subprocess.run(["import", "-window", "root", str(file)], env=self.environment, timeout=20)
