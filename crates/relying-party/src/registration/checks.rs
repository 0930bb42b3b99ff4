//! The steps of `webauthn-3 §7.1`, in its order.
//!
//! Steps that only bind a value or belong to the caller are here too, with the reason why no response can
//! fail them. Between the numbered steps stand the rules that the steps rest on: those of authenticator
//! data behind step 13, the credential key before step 20, the statement's format and the certificate
//! path before the steps that sum them up (22 and 24), so that the precise check decides.

use lab_protocol::trace::{Check, Document};

use crate::authenticator_data::{AT_REQUIRED, COSE_ONE, ED, LEN, LEN_ATT, RFU, TRAILING};

const fn step(number: u8, id: &'static str, text: &'static str) -> Check {
    Check::new(id, Document::WebAuthn3, "7.1", text).step(number)
}

pub static OPTIONS: Check = step(1, "registration/options", "The relying party made options and remembers them.")
    .cannot_fail("The caller made the options and hands in what it remembers of them.");
pub static CREATE: Check = step(2, "registration/create", "The client did not refuse.")
    .cannot_fail("A refusal reaches the page, not the relying party: without a response there is nothing to verify.");
pub static RESPONSE_TYPE: Check = step(
    3,
    "registration/response-type",
    "The response is a public-key credential with an AuthenticatorAttestationResponse, and its id is its rawId.",
)
.policy(
    "`id` is defined as the text of `rawId`; what to do when the two differ is not said.",
    "Refused; `contradictions: note` goes on with the attested id.",
);
pub static CLIENT_EXT_RESULTS: Check =
    step(4, "registration/client-ext-results", "The client's extension results are at hand.")
        .cannot_fail("It only binds a value; the results are judged at registration/extensions.");
pub static UTF8: Check = step(5, "registration/utf8", "The client data is UTF-8, of at most 64 KiB.").policy(
    "UTF-8 decode would replace broken bytes instead of failing.",
    "Refused: what was replaced could not be compared with anything that was issued.",
);
pub static JSON: Check = step(6, "registration/json", "The client data is one JSON object.").policy(
    "JSON parsers differ in which of two equal members counts.",
    "Two members of one name are refused; unknown members and any order are accepted.",
);
pub static TOKEN_BINDING: Check =
    Check::new("registration/token-binding", Document::WebAuthn3, "5.8.1", "The client data has no tokenBinding.")
        .policy(
            "Level 3 reserves the member; the FIDO conformance list still checks it.",
            "Noted and ignored, whatever it holds; `tokenBinding: refuse` refuses it.",
        );
pub static TYPE: Check = step(7, "registration/type", "The type of the client data is webauthn.create.");
pub static CHALLENGE: Check = step(8, "registration/challenge", "The challenge is the one that was issued.").policy(
    "How long a challenge may be answered is left open.",
    "As long as the caller says in `Expected::expiry`; that each is used once is for the caller's store.",
);
pub static ORIGIN: Check = step(9, "registration/origin", "The origin is one that the relying party expects.").policy(
    "How origins are compared is left open (§13.4.9 recommends exact values).",
    "Exactly, with scheme and port, with the listed and the related origins.",
);
pub static CROSS_ORIGIN: Check =
    step(10, "registration/cross-origin", "The page is not framed by another origin, unless that is expected.").policy(
        "What to do about a crossOrigin that is no boolean is not said.",
        "Refused, so that it cannot be taken for false; `crossOriginType: note` takes it for that.",
    );
pub static TOP_ORIGIN: Check =
    step(11, "registration/top-origin", "The top-level origin, if given, is one that may frame the page.").policy(
        "What to do about a topOrigin without crossOrigin is not said; no Level 3 client sends it.",
        "Refused; `loneTopOrigin: note` accepts it where framing is expected.",
    );
pub static HASH: Check =
    step(12, "registration/hash", "The client data is hashed as received.").cannot_fail("It only computes a value.");
pub static ATT_OBJ: Check =
    step(13, "registration/att-obj", "The attestation object is one CBOR map with fmt, attStmt and authData.").policy(
        "Non-canonical CBOR SHOULD be refused; members beyond the three are not mentioned.",
        "Indefinite lengths, longer forms, tags and duplicate keys are refused. Unsorted keys and further members \
         are noted; `unsortedCbor: refuse` and `unknownMembers: refuse` refuse them.",
    );
pub static RP_ID_HASH: Check = step(14, "registration/rp-id-hash", "The RP ID hash is that of the expected RP ID.");
pub static UP: Check = step(15, "registration/up", "The user was present, unless mediation was conditional.").policy(
    "Level 3 demands UP; an older list of the FIDO Alliance accepts assertions without it.",
    "Refused; `userPresence: note` accepts it.",
);
pub static UV: Check = step(16, "registration/uv", "The user was verified, if that is required.");
pub static BE_BS: Check = step(17, "registration/be-bs", "What is backed up is backup eligible.");
pub static BE_POLICY: Check =
    step(18, "registration/be-policy", "Backup eligibility is as the relying party wants it.").policy(
        "Whether a relying party uses backup eligibility is left open.",
        "Any is accepted; `backupEligible: set` or `clear` demands one.",
    );
pub static BS_POLICY: Check = step(19, "registration/bs-policy", "The backup state is as the relying party wants it.")
    .policy(
        "Whether a relying party uses the backup state is left open.",
        "Any is accepted; `backupState: set` or `clear` demands one.",
    );
pub static CREDENTIAL_KEY: Check = Check::new(
    "registration/credential-key",
    Document::WebAuthn3,
    "5.8.5",
    "The credential public key is a COSE_Key in the form that its algorithm is bound to.",
)
.hint("The authenticator made the key in another form than WebAuthn allows: only its maker can repair that.")
.policy(
    "Members beyond those of the key type MUST NOT be there; keys in other than canonical order SHOULD be refused; \
     how small an RSA key may be is left open, and whether RS1, which TPMs attest, is good enough for a credential.",
    "Unsorted keys and RSA keys outside 2048 to 8192 bits are refused. Further members too; \
     `extraKeyMembers: note` accepts them. A key of RS1 is noted, and no sign-in with it is accepted; \
     `sha1Keys: refuse` refuses it. Points of Ed448 are judged with a pre-release library, for there is no other.",
);
pub static ALG: Check = step(20, "registration/alg", "The algorithm of the key is one that was offered.")
    .hint("Offer the algorithm in pubKeyCredParams, or use an authenticator that has an offered one.");
pub static FMT: Check = step(21, "registration/fmt", "The attestation statement format is one that is supported.");
pub static ATT_STMT: Check =
    step(22, "registration/att-stmt", "The attestation statement is a correct one of its format.")
        .cannot_fail("It sums up the checks of the format, which stand before it and decide.");
pub static TRUST_ANCHORS: Check =
    step(23, "registration/trust-anchors", "Trust anchors for the format and the model are at hand.")
        .cannot_fail("The caller hands the anchors in, or none; without any, trust is not judged.")
        .policy(
            "Whether a model without a metadata statement, or with another attestation type than its statement \
             names, is accepted is left open.",
            "Accepted: trust rests on the anchors that the caller gives for the model, and on nothing else.",
        );
pub static TRUST: Check = step(24, "registration/trust", "The attestation is one that the relying party trusts.")
    .policy(
        "Which attestation is trustworthy is left open; an untrusted one MAY be registered as if it attested itself.",
        "A chain has to end in a given anchor (attestation/trust-path decides); without anchors it is not judged. \
         `untrustedAttestation: note` only notes one that does not, as Entra's profiles decide on it themselves \
         (`Policy::entra`). None and self attestation are accepted; `noAttestation` and `selfAttestation` refuse them.",
    );
pub static CRED_ID_LEN: Check = step(25, "registration/cred-id-len", "The credential id has between 1 and 1023 bytes.")
    .policy(
        "Longer ids SHOULD be refused; an id of no bytes is not mentioned.",
        "Both are refused; `emptyCredentialId: note` accepts the empty one.",
    );
pub static CRED_ID_UNIQUE: Check =
    step(26, "registration/cred-id-unique", "The credential id is not registered yet, for no account.").policy(
        "A known id SHOULD be refused.",
        "Refused: batch attestation proves no possession, so a known id could be somebody else's.",
    );
pub static RECORD: Check =
    step(27, "registration/record", "What the response says twice about the credential, it says alike.").policy(
        "The copies of authenticator data, key and algorithm must not be trusted; comparing them is left open.",
        "A lie among them is refused; `contradictions: note` ignores the copies.",
    );
pub static EXTENSIONS: Check = step(28, "registration/extensions", "The extension outputs are at hand.")
    .cannot_fail("A relying party has to cope with unsolicited, missing and odd outputs; odd ones are noted.");
pub static STORE: Check = step(29, "registration/store", "The record is stored under the account of the options.")
    .cannot_fail("The caller stores the record, or fails.");

/// Every check of this crate that a registration records, in the order in which it does.
pub static CHECKS: &[&Check] = &[
    &OPTIONS,
    &CREATE,
    &RESPONSE_TYPE,
    &CLIENT_EXT_RESULTS,
    &UTF8,
    &JSON,
    &TOKEN_BINDING,
    &TYPE,
    &CHALLENGE,
    &ORIGIN,
    &CROSS_ORIGIN,
    &TOP_ORIGIN,
    &HASH,
    &ATT_OBJ,
    &LEN,
    &AT_REQUIRED,
    &LEN_ATT,
    &COSE_ONE,
    &ED,
    &TRAILING,
    &RFU,
    &RP_ID_HASH,
    &UP,
    &UV,
    &BE_BS,
    &BE_POLICY,
    &BS_POLICY,
    &CREDENTIAL_KEY,
    &ALG,
    &FMT,
    &ATT_STMT,
    &TRUST_ANCHORS,
    &TRUST,
    &CRED_ID_LEN,
    &CRED_ID_UNIQUE,
    &RECORD,
    &EXTENSIONS,
    &STORE,
];
