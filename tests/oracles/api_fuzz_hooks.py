"""What schemathesis cannot guess: models, users and origins that exist. Half of all valid bodies get them, so that
requests come as far as the lab's own work; bodies that violate a schema stay as they are.
"""

import os
import zlib

import schemathesis
from schemathesis.generation.meta import TestPhase

MODELS = ["yubikey-5-nfc", "icloud-keychain", "windows-hello", "authenticator-ios", "lab-every-option"]
LIES = ["be-hidden", "wrong-origin", "counter-frozen"]
USER = os.environ["API_FUZZ_USER"]
AUTHENTICATOR = os.environ["API_FUZZ_AUTHENTICATOR"]


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    chance = zlib.crc32(repr((case.body, case.path_parameters)).encode())
    # What the stateful phase makes, it finds itself, and deletes.
    if case.meta.phase.name != TestPhase.STATEFUL and "authenticator" in (case.path_parameters or {}):
        if case.operation.method != "delete" and chance % 8:
            case.path_parameters["authenticator"] = AUTHENTICATOR
    if isinstance(case.body, dict) and chance % 2:
        known(case.operation.path, case.body, chance)


def known(path, body, chance):
    """Puts into a body what exists."""
    if path == "/api/authenticators":
        body.update(model=MODELS[chance % len(MODELS)], platform=None, allowRpIds=[], lies=LIES[: chance % len(LIES)])
    elif path == "/api/matrix":
        body.update(models=MODELS[:1], users=None, tenant=None)
    elif path.endswith(("/create", "/get")):
        body.update(origin="https://rp.example", flow=None)
        options = body["options"]
        if "rp" in options:
            options["rp"]["id"] = None
            options["pubKeyCredParams"].append({"type": "public-key", "alg": -7})
        else:
            options["rpId"] = None
    elif path.endswith(("/register", "/sign-in", "/options")):
        body["user"] = USER
