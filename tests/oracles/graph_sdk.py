"""Microsoft's own Graph SDK against the lab server, with a registration that an emulated key really makes.

    graph_sdk.py --program target/debug/passkey-lab [--client ../shared/vectors/tools/graph/graph_client.py]

msgraph-beta-sdk asks for creation options, python-fido2's Fido2Client answers them with a key of `authenticator run`,
and the SDK posts what came of it: 201, read back, refused the second time, deleted. Then a policy that the SDK patches
refuses the next registration by the rule's id. With --client, the recorded client's twelve steps run against a tenant of
their own, and each has to come out as recorded, but for its made-up registration (400) and the method `nope` (404).
Exit status 0 when all of it came out as written here.
"""

import argparse
import asyncio
import json
import pathlib
import socket
import subprocess
import sys
import tempfile

from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap2 import ClientPin, Ctap2
from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor
from fido2.webauthn import PublicKeyCredentialCreationOptions
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.serialization import SerializationWriterFactoryRegistry
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.models.fido2_authentication_method import Fido2AuthenticationMethod
from msgraph_beta.generated.models.fido2_authentication_method_configuration import (
    Fido2AuthenticationMethodConfiguration,
)
from msgraph_beta.generated.models.fido2_key_restrictions import Fido2KeyRestrictions
from msgraph_beta.generated.models.fido2_restriction_enforcement_type import Fido2RestrictionEnforcementType
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.webauthn_authenticator_attestation_response import (
    WebauthnAuthenticatorAttestationResponse,
)
from msgraph_beta.generated.models.webauthn_public_key_credential import WebauthnPublicKeyCredential

from emulated import Failed, Key

USER = "00000000-1111-2222-3333-444444444444"
MODEL, AAGUID = "yubikey-5-nfc", "a25342c0-3cdc-4414-8e46-f4807fca511c"
# What the recorded client lists.
RECORDED = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
PIN = "246813"
REPORT, PATIENCE = 64, 60.0
TENANT = {
    "fido2": {
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "id": "Fido2",
        "state": "enabled",
        "isSelfServiceRegistrationAllowed": True,
        "isAttestationEnforced": False,
        "keyRestrictions": {"isEnforced": False, "enforcementType": "block", "aaGuids": []},
        "excludeTargets": [],
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": False}],
    },
    "users": [{"id": USER, "userPrincipalName": "u@example.com", "displayName": "U", "userType": "Member"}],
    "passkeys": {
        USER: [
            {
                "id": "AAECAwQFBgc",
                "displayName": "key one",
                "createdDateTime": "2025-01-01T00:00:00Z",
                "aaGuid": RECORDED,
                "model": "YubiKey 5 Series with NFC",
                "attestationCertificates": ["00"],
                "attestationLevel": "attested",
                "passkeyType": "deviceBound",
            }
        ]
    },
}


class Lab:
    """A lab server with a tenant of its own."""

    def __init__(self, program, folder):
        tenant = folder / "tenant.json"
        tenant.write_text(json.dumps(TENANT))
        command = [program, "serve", "--tenant", tenant, "--data", folder / "data", "--quiet"]
        command += ["--listen", "localhost:0", "--management", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the lab did not start: status {self.process.wait(10)}")
        self.origin = json.loads(line)["listening"]["pages"]

    def stop(self):
        self.process.terminate()
        if self.process.wait(20) != 0:
            raise Failed("the lab did not end well")


class Unix(CtapHidConnection):
    """A key behind a unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))

    def read_packet(self):
        report = b""
        while len(report) < REPORT:
            part = self.socket.recv(REPORT - len(report))
            if not part:
                raise OSError("the key is gone")
            report += part
        return report

    def write_packet(self, data):
        self.socket.sendall(b"\0" + data)

    def close(self):
        self.socket.close()


class Person(UserInteraction):
    def request_pin(self, permissions, rp_id):
        return PIN


class Token(AccessTokenProvider):
    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return "any-token-on-loopback"

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def graph(origin):
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token()))
    adapter.base_url = f"{origin}/beta"
    return GraphServiceClient(request_adapter=adapter), adapter


def as_json(parsable):
    writer = SerializationWriterFactoryRegistry().get_serialization_writer("application/json")
    parsable.serialize(writer)
    return json.loads(writer.get_serialized_content())


def expect(what, found, expected):
    if found != expected:
        raise Failed(f"{what}: expected {expected!r}, found {found!r}")
    print(json.dumps({"step": what, "ok": True}))


async def refused(what, status, coroutine, *parts):
    """A request that Graph refuses, in Graph's shape."""
    try:
        await coroutine
    except ODataError as error:
        expect(what, error.response_status_code, status)
        for part in parts:
            if part not in (error.error.message or ""):
                raise Failed(f"{what}: expected “{part}” in: {error.error.message}") from error
        if not error.error.code or not error.error.inner_error.request_id:
            raise Failed(f"{what}: the error has no code or no request-id") from error
        return
    raise Failed(f"{what}: expected status {status}, found none")


async def register(methods, origin, device):
    """What a key makes of the creation options that the SDK was given."""
    options = (await methods.creation_options_with_challenge_timeout_in_minutes.get()).public_key
    if not options.challenge or options.rp.id != "localhost":
        raise Failed(f"the options are for {options.rp.id}")
    parsed = PublicKeyCredentialCreationOptions.from_dict(as_json(options))
    client = Fido2Client(device, DefaultClientDataCollector(origin), user_interaction=Person())
    made = client.make_credential(parsed)
    response = dict(dict(made)["response"])
    return Fido2AuthenticationMethod(
        display_name="Blue key",
        public_key_credential=WebauthnPublicKeyCredential(
            id=dict(made)["id"],
            response=WebauthnAuthenticatorAttestationResponse(
                client_data_j_s_o_n=response["clientDataJSON"], attestation_object=response["attestationObject"]
            ),
        ),
    )


def post(adapter, method):
    """The SDK has no method for it, so it goes through the SDK's request adapter."""
    template = "{+baseurl}/users/{user%2Did}/authentication/fido2Methods"
    request = RequestInformation(Method.POST, template, {"user%2Did": USER})
    request.headers.try_add("Accept", "application/json")
    request.set_content_from_parsable(adapter, "application/json", method)
    return adapter.send_async(request, Fido2AuthenticationMethod, {"XXX": ODataError})


async def provision(origin, device):
    client, adapter = graph(origin)
    methods = client.users.by_user_id(USER).authentication.fido2_methods
    made = await register(methods, origin, device)
    kept = await post(adapter, made)
    expect("posted", (kept.display_name, kept.aa_guid), ("Blue key", AAGUID))
    one = methods.by_fido2_authentication_method_id(kept.id)
    expect("read back", (await one.get()).id, made.public_key_credential.id)
    expect("listed", len((await methods.get()).value), 2)
    await refused("posted again", 409, post(adapter, made), "answered")
    await one.delete()
    await refused("gone", 404, one.get(), "no fido2AuthenticationMethod")
    other = await register(methods, origin, device)
    policies = client.policies.authentication_methods_policy.authentication_method_configurations
    restrictions = Fido2KeyRestrictions(
        is_enforced=True, enforcement_type=Fido2RestrictionEnforcementType.Block, aa_guids=[AAGUID]
    )
    changed = Fido2AuthenticationMethodConfiguration(
        odata_type="#microsoft.graph.fido2AuthenticationMethodConfiguration", key_restrictions=restrictions
    )
    await policies.by_authentication_method_configuration_id("fido2").patch(changed)
    await refused("blocked", 400, post(adapter, other), "entra/key-restrictions")
    audits = (await client.audit_logs.directory_audits.get()).value
    expect("audited", audits[0].activity_display_name, "Admin registered security info")
    expect("why", audits[0].result_reason != "", True)


def own(program, folder):
    lab = Lab(program, folder)
    key = Key(program, MODEL, f"unix:{folder / 'key'}")
    try:
        descriptor = HidDescriptor(key.device, 0x1209, 0xF1D0, REPORT, REPORT, "Passkey Lab", None)
        device = CtapHidDevice(descriptor, Unix(key.device))
        ClientPin(Ctap2(device)).set_pin(PIN)
        asyncio.run(provision(lab.origin, device))
    finally:
        key.stop()
        lab.stop()


def recorded(program, folder, client):
    """The recorded client: what it says of each step."""
    lab = Lab(program, folder)
    try:
        run = subprocess.run([sys.executable, client, lab.origin], capture_output=True, text=True, timeout=120, check=True)
    finally:
        lab.stop()
    steps = [json.loads(line) for line in run.stdout.splitlines()]
    failed = {step["step"]: (step.get("status"), step.get("code")) for step in steps if not step["ok"]}
    expect("recorded steps", len(steps), 12)
    wanted = {"methods.create": (400, "badRequest"), "methods.get.missing": (404, "ResourceNotFound")}
    expect("what the recorded client is refused", failed, wanted)
    seen = {step["step"]: step.get("seen") for step in steps}
    listed = [["AAECAwQFBgc", RECORDED, "YubiKey 5 Series with NFC", "AttestationLevel.Attested"]]
    expect("what it lists", seen["methods.list"], listed)
    expect("what it patched", seen["policy.get.again"]["aaGuids"], [RECORDED])
    for step in ["creationOptions alias", "creationOptions(challengeTimeoutInMinutes=10)", "creationOptions"]:
        options = seen[step]
        expect(step, (options["algs"], options["attestation"], options["uv"]), ([-7, -257], "direct", "required"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--client", type=pathlib.Path)
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    try:
        with tempfile.TemporaryDirectory() as folder:
            own(program, pathlib.Path(folder))
        if arguments.client and arguments.client.exists():
            with tempfile.TemporaryDirectory() as folder:
                recorded(program, pathlib.Path(folder), arguments.client)
        elif arguments.client:
            print(f"SKIPPED: {arguments.client} is not there", file=sys.stderr)
    except Failed as failure:
        print(f"graph_sdk: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
