//! `android-safetynet` (`webauthn-3 §8.5`, deprecated): Google's service says in a signed web token that
//! the phone is what it was made as.

use ciborium::Value;
use const_oid::ObjectIdentifier;
use jiff::SignedDuration;
use lab_protocol::base64url;
use lab_protocol::cose::Algorithm;

use super::{Attest, Attestor, Certified, EmitError, Format};
use crate::keys::SigningKey;
use crate::layout::{member, oid as id, safetynet};
use crate::sha256;
use crate::vendors::Maker;
use crate::vendors::authority::{Authority, Draft, Subordinate, random_serial, spki};
use crate::vendors::extensions::{self, usage};
use crate::vendors::name::{laboratory, name, stand_in};
use crate::vendors::writer::{SEQUENCE, element, extension, oid};

/// The version of Google Play services, as one of the last captures has it.
const PLAY_SERVICES: &str = "212621037";
const PACKAGE: &str = "com.google.android.gms";
const MAKER: &str = "Google LLC";
/// How old the token is when the relying party sees it.
const AGE: SignedDuration = SignedDuration::from_secs(2);
/// `domain-validated`, of the CA/Browser Forum.
const DOMAIN_VALIDATED: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.2.1");

/// The format.
pub(super) struct AndroidSafetyNet;

impl Format for AndroidSafetyNet {
    fn id(&self) -> &'static str {
        "android-safetynet"
    }

    /// The host that signs. Its key is one of RS256, whatever the phone's are.
    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        let authority = maker.authority("safetynet", |root| authority(maker, root))?;
        let mut rng = maker.rng("safetynet host");
        let options = maker.options();
        let key = SigningKey::generate(Algorithm::RS256, options.backend, &mut rng)?;
        let spki = spki(key.public_key())?;
        let policy = element(SEQUENCE, &[&element(SEQUENCE, &[&oid(DOMAIN_VALIDATED)])]);
        let draft = Draft {
            subject: &name(&[(id::ORGANIZATION, &stand_in(MAKER, options)), (id::COMMON_NAME, safetynet::HOST)]),
            spki: &spki,
            serial: &random_serial(&mut rng),
            validity: (options.not_before, options.not_after),
            extensions: &[
                extensions::key_usage(&[usage::DIGITAL_SIGNATURE, usage::KEY_ENCIPHERMENT]),
                extensions::extended_key_usage(&[id::SERVER_AUTH]),
                extensions::end_entity(),
                authority.key_ids(&spki),
                extensions::dns_name(safetynet::HOST),
                extension(id::POLICIES, false, &policy),
            ]
            .concat(),
        };
        let leaf = authority.issue(&draft, &mut rng);
        let chain = std::iter::once(leaf).chain(authority.chain().iter().cloned()).collect();
        Ok(Attestor::Certified(Certified { key, chain }))
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let host = attest.certified(self.id())?;
        let signed = format!("{}.{}", base64url::encode(header(&host.chain)), base64url::encode(payload(&attest)));
        let signature = host.key.sign(signed.as_bytes(), attest.rng);
        let response = format!("{signed}.{}", base64url::encode(&signature));
        Ok(Value::Map(vec![
            (member::VER.into(), PLAY_SERVICES.into()),
            (member::RESPONSE.into(), Value::Bytes(response.into_bytes())),
        ]))
    }
}

fn header(chain: &[Vec<u8>]) -> Vec<u8> {
    let certificates: Vec<_> = chain.iter().map(|certificate| format!("\"{}\"", base64(certificate))).collect();
    format!(r#"{{"alg":"RS256","x5c":[{}]}}"#, certificates.join(",")).into_bytes()
}

/// The members and their order are those of the captures.
fn payload(attest: &Attest<'_>) -> Vec<u8> {
    let made = attest.now.saturating_sub(AGE).unwrap_or(attest.now).as_millisecond();
    let digest = |of: &str| base64(&sha256(of.as_bytes()));
    format!(
        concat!(
            r#"{{"nonce":"{}","timestampMs":{},"apkPackageName":"{}","apkDigestSha256":"{}","#,
            r#""ctsProfileMatch":true,"apkCertificateDigestSha256":["{}"],"basicIntegrity":true,"#,
            r#""evaluationType":"BASIC"}}"#
        ),
        base64(&attest.nonce()),
        made,
        PACKAGE,
        digest("passkey lab: the package"),
        digest("passkey lab: signer of the packages"),
    )
    .into_bytes()
}

/// Base64 with padding (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    let mut text = base64url::encode(bytes).replace('-', "+").replace('_', "/");
    text.extend(std::iter::repeat_n('=', text.len().wrapping_neg() % 4));
    text
}

/// The CA of the host, shaped as those of Google Trust Services.
fn authority(maker: &Maker<'_>, root: &Authority) -> Result<Authority, EmitError> {
    let mut rng = maker.rng("safetynet authority");
    let key = SigningKey::generate(Algorithm::RS256, maker.options().backend, &mut rng)?;
    let subject =
        name(&[(id::COUNTRY, "US"), (id::ORGANIZATION, &laboratory(maker.options())), (id::COMMON_NAME, "GTS CA 1D4")]);
    let usage = &[usage::DIGITAL_SIGNATURE, usage::CERT_SIGN, usage::CRL_SIGN];
    let purposes = extensions::extended_key_usage(&[id::SERVER_AUTH]);
    let ca = Subordinate { subject: &subject, key, path_len: Some(0), usage, extensions: &purposes };
    root.subordinate(ca, maker.options(), &mut rng)
}
