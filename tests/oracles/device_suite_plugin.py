"""Lets python-fido2 find a key of `passkey-lab authenticator run --listen unix:PATH` as if it were plugged in.

    PASSKEY_LAB_KEY=/tmp/key.sock python -m pytest -p device_suite_plugin tests/device --controller http://...

A pytest plugin, so that it is in place before the suite's conftest takes the names from fido2.hid. Without
PASSKEY_LAB_KEY the key is plugged in, and python-fido2 finds it by itself.
"""

import os
import socket

import fido2.hid
from fido2.hid.base import CtapHidConnection, HidDescriptor

KEY = os.environ.get("PASSKEY_LAB_KEY")
REPORT = 64
# A device that does not answer within this time hangs the suite, not the machine.
PATIENCE = 60.0


class UnixConnection(CtapHidConnection):
    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(path)

    def read_packet(self):
        report = b""
        while len(report) < REPORT:
            part = self._socket.recv(REPORT - len(report))
            if not part:
                raise OSError("the key was taken out")
            report += part
        return report

    def write_packet(self, data):
        # As a hidraw node wants it: the report id comes first.
        self._socket.sendall(b"\0" + data)

    def close(self):
        self._socket.close()


def descriptor(path):
    return HidDescriptor(path, 0x1209, 0xF1D0, REPORT, REPORT, "Passkey Lab", None)


if KEY:
    # A key that is taken out has no socket.
    fido2.hid.list_descriptors = lambda: [descriptor(KEY)] if os.path.exists(KEY) else []
    fido2.hid.get_descriptor = descriptor
    fido2.hid.open_connection = lambda found: UnixConnection(found.path)


def pytest_collection_finish():
    """Where the suite tells a person to press the sensor, the robot does."""
    from tests.device import PicoController

    tell = PicoController.print

    def tell_and_press(self, *messages):
        tell(self, *messages)
        if any(text in str(message) for message in messages for text in ["Press your fingerprint", "Press and hold"]):
            self.touch()

    PicoController.print = tell_and_press
