//! What a case contains that a limit may ask about: read by the lab's own codec, and left empty
//! where that reads nothing.

use lab_protocol::Aaguid;
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::cose::{Algorithm, CredentialPublicKey, KeyError, KeyMaterial};
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataError;
use lab_protocol::webauthn::client_data::{self, CollectedClientData, Member};
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData};
use serde_json::{Map, Value as Json};

use super::case::{Authentication, Case, Registration};

/// The OID of Android's key description, 1.3.6.1.4.1.11129.2.1.17, as DER.
const KEY_DESCRIPTION: [u8; 12] = [0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];
/// `attestationSecurityLevel` StrongBox as DER.
const STRONG_BOX: [u8; 3] = [0x0a, 0x01, 0x02];
/// How far behind the OID the security level stands at most: three headers and a version.
const LEVEL_WITHIN: usize = 24;

/// The end of a certificate that is signed with RSA-2048, as far as the number of unused bits.
const RSA_SIGNATURE: [u8; 4] = [0x03, 0x82, 0x01, 0x01];
/// The length of that end: the four bytes, the number of unused bits, the signature.
const RSA_SIGNATURE_LEN: usize = 4 + 1 + 256;

/// Facts about one case.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) registration: bool,
    pub(super) format: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    pub(super) rsa_lengths: Option<(usize, usize)>,
    pub(super) curve_mismatch: bool,
    pub(super) self_attested: bool,
    pub(super) statement_members: usize,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) anchor_sent: bool,
    pub(super) aaguid: Option<Aaguid>,
    pub(super) credential_id_length: usize,
    pub(super) left_over: bool,
    pub(super) extensions: bool,
    pub(super) framed: bool,
    pub(super) framing_expected: bool,
    pub(super) top_origin: bool,
    pub(super) byte_order_mark: bool,
    pub(super) token_binding_text: bool,
    pub(super) extensions_twice: bool,
}

impl Facts {
    pub(super) fn of(case: &Case<'_>) -> Self {
        match case {
            Case::Registration(case) => Self::of_registration(case),
            Case::Authentication(case) => Self::of_authentication(case),
        }
    }

    fn of_registration(case: &Registration<'_>) -> Self {
        let mut facts = Self { registration: true, framing_expected: case.ceremony.framed, ..Self::default() };
        facts.client_data(&case.response.response.client_data_json);
        facts.json(&case.response.unknown);
        if let Ok(object) = AttestationObject::parse(&case.response.response.attestation_object) {
            facts.format = Some(object.fmt.to_owned());
            facts.statement(object.att_stmt);
            facts.authenticator_data(object.auth_data);
        }
        facts.anchor_sent = facts.certificates.iter().any(|sent| case.anchors.contains(sent));
        facts
    }

    fn of_authentication(case: &Authentication<'_>) -> Self {
        let mut facts = Self { framing_expected: case.ceremony.framed, ..Self::default() };
        facts.client_data(&case.response.response.client_data_json);
        facts.json(&case.response.unknown);
        facts.authenticator_data(&case.response.response.authenticator_data);
        facts.public_key(case.credential.public_key);
        facts.credential_id_length = case.credential.id.len();
        facts
    }

    fn json(&mut self, unknown: &Map<String, Json>) {
        self.extensions_twice = unknown.contains_key("extensions");
    }

    fn client_data(&mut self, bytes: &[u8]) {
        self.byte_order_mark = bytes.starts_with("\u{feff}".as_bytes());
        let Ok(text) = client_data::decode_utf8(bytes) else { return };
        if let Ok(data) = CollectedClientData::parse(text) {
            self.framed = data.cross_origin == Member::Bool(true);
            self.top_origin = data.top_origin.is_present();
        }
        let json: Json = serde_json::from_str(text).unwrap_or_default();
        let binding = json.get("tokenBinding");
        self.token_binding_text = binding.is_some_and(|binding| !binding.is_object() && !binding.is_null());
    }

    fn statement(&mut self, encoded: &[u8]) {
        let Ok(Value::Map(members)) = cbor::decode(encoded, Rules::RELYING_PARTY) else { return };
        self.statement_members = members.len();
        let x5c = members.iter().find(|(name, _)| name.as_text() == Some("x5c")).map(|(_, value)| value);
        self.self_attested = self.format.as_deref() == Some("packed") && x5c.is_none();
        let list = x5c.and_then(Value::as_array).into_iter().flatten();
        self.certificates = list.filter_map(Value::as_bytes).cloned().collect();
    }

    fn authenticator_data(&mut self, bytes: &[u8]) {
        use AuthenticatorDataError as Error;
        match AuthenticatorData::parse(bytes) {
            Ok(data) => {
                self.extensions = data.extensions.is_some();
                if let Some(attested) = data.attested {
                    self.aaguid = Some(attested.aaguid);
                    self.credential_id_length = attested.credential_id.len();
                    self.public_key(attested.public_key);
                }
            }
            Err(error) => {
                self.left_over = matches!(error, Error::Trailing { .. } | Error::UnannouncedExtensions(_));
            }
        }
    }

    fn public_key(&mut self, encoded: &[u8]) {
        match CredentialPublicKey::parse(encoded) {
            Ok(key) => {
                self.algorithm = Some(key.alg);
                if let KeyMaterial::Rsa { n, e } = &key.material {
                    self.rsa_lengths = Some((n.len(), e.len()));
                }
            }
            Err(KeyError::CurveMismatch { alg, .. }) => {
                self.algorithm = Some(alg);
                self.curve_mismatch = true;
            }
            Err(_) => {}
        }
    }

    /// Whether the leaf's key description says StrongBox.
    pub(super) fn strong_box(&self) -> bool {
        let Some(leaf) = self.certificates.first() else { return false };
        let found = leaf.windows(KEY_DESCRIPTION.len()).position(|window| window == KEY_DESCRIPTION);
        let behind = found.and_then(|at| leaf.get(at + KEY_DESCRIPTION.len()..)).unwrap_or_default();
        behind.windows(STRONG_BOX.len()).take(LEVEL_WITHIN).any(|window| window == STRONG_BOX)
    }

    /// Whether the leaf's signature counts unused bits, as early Yubico certificates do by mistake.
    pub(super) fn unused_bits(&self) -> bool {
        let end = |leaf: &Vec<u8>| {
            leaf.len().checked_sub(RSA_SIGNATURE_LEN).and_then(|at| leaf.get(at..).map(<[u8]>::to_vec))
        };
        let end = self.certificates.first().and_then(end).unwrap_or_default();
        end.strip_prefix(&RSA_SIGNATURE).and_then(<[u8]>::first).is_some_and(|unused| *unused != 0)
    }

    pub(super) fn format_is(&self, format: &str) -> bool {
        self.format.as_deref() == Some(format)
    }

    pub(super) fn algorithm_is(&self, numbers: &[i64]) -> bool {
        self.algorithm.is_some_and(|algorithm| numbers.contains(&algorithm.0))
    }
}
