//! The steps of `webauthn-3 §7.2`, in its order. The rules of authenticator data stand where the first
//! step needs them, before step 15.

use lab_protocol::trace::{Check, Document};

use crate::authenticator_data::{AT_FORBIDDEN, ED, LEN, RFU, TRAILING};

const fn step(number: u8, id: &'static str, text: &'static str) -> Check {
    Check::new(id, Document::WebAuthn3, "7.2", text).step(number)
}

pub static OPTIONS: Check = step(1, "authentication/options", "The relying party made options and remembers them.")
    .cannot_fail("The caller made the options and hands in what it remembers of them.");
pub static GET: Check = step(2, "authentication/get", "The client did not refuse.")
    .cannot_fail("A refusal reaches the page, not the relying party: without a response there is nothing to verify.");
pub static RESPONSE_TYPE: Check = step(
    3,
    "authentication/response-type",
    "The response is a public-key credential with an AuthenticatorAssertionResponse, and its id is its rawId.",
)
.policy(
    "`id` is defined as the text of `rawId`; what to do when the two differ is not said.",
    "Refused; `contradictions: note` goes on with rawId.",
);
pub static CLIENT_EXT_RESULTS: Check =
    step(4, "authentication/client-ext-results", "The client's extension results are at hand.")
        .cannot_fail("It only binds a value; the results are judged at authentication/extensions.");
pub static ALLOW_LIST: Check =
    step(5, "authentication/allow-list", "The credential is one of those that the options allowed.");
pub static USER_AND_RECORD: Check =
    step(6, "authentication/user-and-record", "The account has a record of the credential.").policy(
        "Some clients send a user handle of no bytes for none.",
        "Noted and taken for none; `emptyUserHandle: refuse` refuses it.",
    );
pub static BIND: Check = step(7, "authentication/bind", "Client data, authenticator data and signature are at hand.")
    .cannot_fail("It only binds values; each is judged where it is used.");
pub static UTF8: Check = step(8, "authentication/utf8", "The client data is UTF-8, of at most 64 KiB.").policy(
    "UTF-8 decode would replace broken bytes instead of failing.",
    "Refused: what was replaced could not be compared with anything that was issued.",
);
pub static JSON: Check = step(9, "authentication/json", "The client data is one JSON object.").policy(
    "JSON parsers differ in which of two equal members counts.",
    "Two members of one name are refused; unknown members and any order are accepted.",
);
pub static TOKEN_BINDING: Check =
    Check::new("authentication/token-binding", Document::WebAuthn3, "5.8.1", "The client data has no tokenBinding.")
        .policy(
            "Level 3 reserves the member; the FIDO conformance list still checks it.",
            "Noted and ignored, whatever it holds; `tokenBinding: refuse` refuses it.",
        );
pub static TYPE: Check = step(10, "authentication/type", "The type of the client data is webauthn.get.");
pub static CHALLENGE: Check = step(11, "authentication/challenge", "The challenge is the one that was issued.").policy(
    "How long a challenge may be answered is left open.",
    "As long as the caller says in `Expected::expiry`; that each is used once is for the caller's store.",
);
pub static ORIGIN: Check = step(12, "authentication/origin", "The origin is one that the relying party expects.")
    .policy(
        "How origins are compared is left open (§13.4.9 recommends exact values).",
        "Exactly, with scheme and port, with the listed and the related origins.",
    );
pub static CROSS_ORIGIN: Check =
    step(13, "authentication/cross-origin", "The page is not framed by another origin, unless that is expected.")
        .policy(
            "What to do about a crossOrigin that is no boolean is not said.",
            "Refused, so that it cannot be taken for false; `crossOriginType: note` takes it for that.",
        );
pub static TOP_ORIGIN: Check =
    step(14, "authentication/top-origin", "The top-level origin, if given, is one that may frame the page.").policy(
        "What to do about a topOrigin without crossOrigin is not said; no Level 3 client sends it.",
        "Refused; `loneTopOrigin: note` accepts it where framing is expected.",
    );
pub static RP_ID_HASH: Check =
    step(15, "authentication/rp-id-hash", "The RP ID hash is that of the expected RP ID, or of the AppID if used.");
pub static UP: Check = step(16, "authentication/up", "The user was present.").policy(
    "Level 3 demands UP; an older list of the FIDO Alliance accepts assertions without it.",
    "Refused; `userPresence: note` accepts it.",
);
pub static UV: Check = step(17, "authentication/uv", "The user was verified, if that is required.");
pub static BE_BS: Check = step(18, "authentication/be-bs", "What is backed up is backup eligible.");
pub static BE_CONSISTENCY: Check = step(
    19,
    "authentication/be-consistency",
    "Backup eligibility is that of the record, and the backup state as the relying party wants it.",
)
.hint("A credential keeps its backup eligibility for life: this is another credential, or a broken provider.")
.policy(
    "The comparison is demanded of relying parties that use the backup state; whether one does is left open.",
    "A change is refused; `backupEligibilityChange: note` notes it. A record without BE is not compared. \
     `backupState: set` or `clear` demands a state.",
);
pub static HASH: Check =
    step(20, "authentication/hash", "The client data is hashed as received.").cannot_fail("It only computes a value.");
pub static SIGNATURE: Check =
    step(21, "authentication/signature", "The signature is one by the credential over authenticator data and hash.")
        .policy(
            "Which algorithms are good enough, and whose arithmetic judges them, is left open.",
            "All that Level 3 and its registries name, but RS1, which only statements may have. Ed448 is verified \
             with a pre-release library, for there is no other; its signatures are never made here.",
        );
pub static SIGN_COUNT: Check =
    step(22, "authentication/sign-count", "The signature counter has grown, if there is one.")
        .hint("Two authenticators may hold the same credential, or answers arrived out of order: ask the user.")
        .policy(
            "A counter that does not grow is a signal; what to do about it is the relying party's.",
            "Noted, as Level 3 leaves it open (`Policy::webauthn`); refused as Entra does (`Policy::entra`). \
             The switch is `signCount`.",
        );
pub static EXTENSIONS: Check = step(23, "authentication/extensions", "The extension outputs are at hand.")
    .cannot_fail("A relying party has to cope with unsolicited, missing and odd outputs; odd ones are noted.");
pub static UPDATE: Check = step(24, "authentication/update", "The record takes over counter and backup state.")
    .cannot_fail("The caller stores the updated record, and only where the verdict is valid.");
pub static DONE: Check = step(25, "authentication/done", "Every step holds.")
    .cannot_fail("It only sums up the steps before it, which decide.");

/// Every check that an authentication records, in the order in which it does.
pub static CHECKS: &[&Check] = &[
    &OPTIONS,
    &GET,
    &RESPONSE_TYPE,
    &CLIENT_EXT_RESULTS,
    &ALLOW_LIST,
    &USER_AND_RECORD,
    &BIND,
    &UTF8,
    &JSON,
    &TOKEN_BINDING,
    &TYPE,
    &CHALLENGE,
    &ORIGIN,
    &CROSS_ORIGIN,
    &TOP_ORIGIN,
    &LEN,
    &AT_FORBIDDEN,
    &ED,
    &TRAILING,
    &RFU,
    &RP_ID_HASH,
    &UP,
    &UV,
    &BE_BS,
    &BE_CONSISTENCY,
    &HASH,
    &SIGNATURE,
    &SIGN_COUNT,
    &EXTENSIONS,
    &UPDATE,
    &DONE,
];
