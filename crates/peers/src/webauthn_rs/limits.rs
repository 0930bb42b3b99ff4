//! What `webauthn-rs-core` 0.6.2 is known not to judge as WebAuthn Level 3 does.

use std::fmt;

use super::facts::Facts;

/// Where the limits were seen.
pub const SOURCE: &str = "webauthn-rs-core 0.6.2, read 2026-11-20";

/// One known limit.
#[derive(Clone, Copy)]
pub struct Limit {
    /// Such as `webauthn-rs/tpm`.
    pub id: &'static str,
    /// In which direction it errs.
    pub kind: Kind,
    /// What it does, in a sentence.
    pub sentence: &'static str,
    /// Where this was seen.
    pub source: &'static str,
    /// The library's reasons that this limit explains; empty: every one.
    reasons: &'static [&'static str],
    /// Whether a case touches it; some cannot be recognised from outside and never say so.
    touched: fn(&Facts) -> bool,
}

/// In which direction a limit errs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It refuses what the specification allows: its refusal is no evidence.
    Cannot,
    /// It refuses, as a matter of policy, what the specification leaves to the relying party.
    Stricter,
    /// It accepts what the specification refuses: its acceptance does not cover this.
    Overlooks,
}

impl Kind {
    /// The word in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cannot => "cannot",
            Self::Stricter => "stricter",
            Self::Overlooks => "overlooks",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Limit {
    pub(super) fn touches(&self, facts: &Facts) -> bool {
        (self.touched)(facts)
    }

    pub(super) fn explains(&self, reason: Option<&str>) -> bool {
        self.reasons.is_empty() || reason.is_some_and(|reason| self.reasons.contains(&reason))
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limit({})", self.id)
    }
}

impl PartialEq for Limit {
    /// Limits are equal by id.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Limit {}

const FORMATS: [&str; 6] = ["none", "packed", "fido-u2f", "android-key", "apple", "tpm"];
const WITHOUT_ARITHMETIC: [i64; 6] = [-37, -38, -39, -258, -259, -65535];
const KNOWN_ALGORITHMS: [i64; 11] = [-7, -8, -35, -36, -37, -38, -39, -257, -258, -259, -65535];

const fn cannot(
    id: &'static str,
    sentence: &'static str,
    reasons: &'static [&'static str],
    touched: fn(&Facts) -> bool,
) -> Limit {
    Limit { id, kind: Kind::Cannot, sentence, source: SOURCE, reasons, touched }
}

const fn stricter(id: &'static str, sentence: &'static str, reasons: &'static [&'static str]) -> Limit {
    Limit { id, kind: Kind::Stricter, sentence, source: SOURCE, reasons, touched: |_| true }
}

const fn overlooks(id: &'static str, sentence: &'static str, touched: fn(&Facts) -> bool) -> Limit {
    Limit { id, kind: Kind::Overlooks, sentence, source: SOURCE, reasons: &[], touched }
}

fn never(_: &Facts) -> bool {
    false
}

/// Every known limit: first what it cannot judge, then where it is stricter, then what it overlooks.
pub const LIMITS: &[Limit] = &[
    cannot(
        "webauthn-rs/tpm",
        "Every TPM statement is refused: SHA-1 as insecure, every other hash because none is implemented.",
        &["CredentialInsecureCryptography", "COSEKeyInvalidType"],
        |facts| facts.format_is("tpm"),
    ),
    cannot(
        "webauthn-rs/android-safetynet",
        "SafetyNet statements are not supported any more.",
        &["AttestationNotSupported"],
        |facts| facts.format_is("android-safetynet"),
    ),
    cannot(
        "webauthn-rs/compound",
        "Compound statements are not supported.",
        &["AttestationNotSupported", "ParseCBORFailure"],
        |facts| facts.format_is("compound"),
    ),
    cannot(
        "webauthn-rs/format",
        "A format other than none, packed, fido-u2f, android-key, apple and tpm is refused.",
        &["AttestationNotSupported"],
        |facts| {
            let elsewhere = ["android-safetynet", "compound"];
            facts.format.as_deref().is_some_and(|format| !FORMATS.contains(&format) && !elsewhere.contains(&format))
        },
    ),
    cannot(
        "webauthn-rs/android-key-strongbox",
        "Security level 2 (StrongBox) in Android's key description is not read.",
        &["AttestationStatementX5CInvalid"],
        |facts| facts.format_is("android-key") && facts.strong_box(),
    ),
    cannot(
        "webauthn-rs/android-key-lone-leaf",
        "An android-key statement whose x5c holds the leaf alone is refused.",
        &["AttestationStatementX5CInvalid"],
        |facts| facts.format_is("android-key") && facts.certificates.len() == 1,
    ),
    cannot(
        "webauthn-rs/eddsa",
        "Ed25519 keys are refused, at registration and at sign-in.",
        &["SshPublicKeyEDUnsupported", "COSEKeyEDUnsupported", "COSEKeyInvalidType", "COSEKeyInvalidAlgorithm"],
        |facts| facts.algorithm_is(&[-8, -19]),
    ),
    cannot(
        "webauthn-rs/es512",
        "A signature of a P-521 key never verifies; only a registration that the key itself does not sign is judged.",
        &["AttestationStatementSigInvalid", "AuthenticationFailure", "SignatureInvalid"],
        |facts| facts.algorithm_is(&[-36]) && (facts.self_attested || !facts.registration),
    ),
    cannot(
        "webauthn-rs/rsa-other",
        "Of RSA only RS256 has arithmetic: no PS256, PS384, PS512, RS384, RS512 and RS1.",
        &["COSEKeyInvalidType", "COSEKeyInvalidAlgorithm", "AttestationStatementSigInvalid", "AuthenticationFailure"],
        |facts| facts.algorithm_is(&WITHOUT_ARITHMETIC),
    ),
    cannot(
        "webauthn-rs/rsa-length",
        "RSA keys are read only with a modulus of 256 bytes and an exponent of 3.",
        &["COSEKeyRSANEInvalid"],
        |facts| facts.rsa_lengths.is_some_and(|lengths| lengths != (256, 3)),
    ),
    cannot(
        "webauthn-rs/algorithm",
        "An algorithm outside its list (such as ESP256, Ed25519 by its own number, Ed448, ML-DSA) is refused.",
        &["COSEKeyInvalidAlgorithm", "COSEKeyInvalidType", "COSEKeyInvalidCBORValue"],
        |facts| facts.algorithm.is_some_and(|algorithm| !KNOWN_ALGORITHMS.contains(&algorithm.0)),
    ),
    cannot(
        "webauthn-rs/cross-origin",
        "A framed registration (crossOrigin true) is refused, and nothing can allow it.",
        &["CredentialCrossOrigin"],
        |facts| facts.framed && facts.framing_expected,
    ),
    cannot(
        "webauthn-rs/byte-order-mark",
        "Client data behind a byte order mark is not read, which the UTF-8 decode of Level 3 strips.",
        &["ParseJSONFailure"],
        |facts| facts.byte_order_mark,
    ),
    cannot(
        "webauthn-rs/token-binding",
        "Client data whose tokenBinding is no object is not read; Level 3 ignores the member.",
        &["ParseJSONFailure"],
        |facts| facts.token_binding_text,
    ),
    cannot(
        "webauthn-rs/extensions-twice",
        "A response that holds both extensions and clientExtensionResults is not read.",
        &["Json"],
        |facts| facts.extensions_twice,
    ),
    cannot(
        "webauthn-rs/anchor-sent",
        "A trust anchor that x5c holds itself, as the leaf or behind it, is not recognised.",
        &["AttestationChainNotTrusted(NoMatchingIssuer)"],
        |facts| facts.anchor_sent,
    ),
    cannot(
        "webauthn-rs/anchor-key-usage",
        "An authority without a KeyUsage extension is refused; RFC 5280 looks at the extension where it is there.",
        &["AttestationChainNotTrusted(KeyUsageNotPresent)"],
        |facts| facts.registration,
    ),
    cannot(
        "webauthn-rs/unused-bits",
        "Early Yubico certificates count unused bits in their signature by mistake; it does not repair that.",
        &["AttestationChainNotTrusted(DerSignatureInvalid)"],
        Facts::unused_bits,
    ),
    cannot(
        "webauthn-rs/challenge-text",
        "A challenge that is no base64url text cannot be put in its place.",
        &[],
        never,
    ),
    cannot("webauthn-rs/origin-url", "An origin that is no URL cannot be expected.", &[], never),
    cannot(
        "webauthn-rs/anchor-unread",
        "A trust anchor that its certificate reader refuses cannot be given.",
        &[],
        never,
    ),
    stricter(
        "webauthn-rs/sign-count",
        "A signature counter that does not grow is refused; Level 3 leaves that to the relying party.",
        &["CredentialPossibleCompromise"],
    ),
    overlooks("webauthn-rs/framed-sign-in", "At sign-in crossOrigin is not looked at.", |facts| {
        !facts.registration && facts.framed && !facts.framing_expected
    }),
    overlooks(
        "webauthn-rs/bytes-left-over",
        "Bytes behind the authenticator data, extensions without ED among them, are ignored.",
        |facts| facts.left_over,
    ),
    overlooks(
        "webauthn-rs/credential-id-length",
        "Credential ids up to 4096 bytes pass; Level 3 says 1023.",
        |facts| facts.credential_id_length > 1023,
    ),
    overlooks("webauthn-rs/curve", "That the curve is the one of the algorithm is not checked.", |facts| {
        facts.curve_mismatch
    }),
    overlooks(
        "webauthn-rs/statement-algorithm",
        "That alg of a packed statement fits the key of its certificate is not checked.",
        |facts| facts.format_is("packed") && !facts.certificates.is_empty(),
    ),
    overlooks("webauthn-rs/none-not-empty", "A none statement that is not an empty map passes.", |facts| {
        facts.format_is("none") && facts.statement_members > 0
    }),
    overlooks("webauthn-rs/u2f-aaguid", "A fido-u2f registration with an AAGUID other than zero passes.", |facts| {
        facts.format_is("fido-u2f") && facts.aaguid.is_some_and(|aaguid| !aaguid.is_zero())
    }),
    overlooks("webauthn-rs/unsolicited-extensions", "Extension outputs that nobody asked for pass.", |facts| {
        facts.extensions
    }),
    overlooks("webauthn-rs/top-origin", "topOrigin is not looked at.", |facts| facts.top_origin),
    overlooks("webauthn-rs/user-handle", "The user handle of a sign-in is left to the caller.", |facts| {
        !facts.registration
    }),
    overlooks(
        "webauthn-rs/credential-id-reuse",
        "Whether a credential id is taken already is left to the caller.",
        |facts| facts.registration,
    ),
    overlooks("webauthn-rs/revocation", "Certificates are not looked up in revocation lists.", |facts| {
        !facts.certificates.is_empty()
    }),
];
