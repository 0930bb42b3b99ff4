//! prf and hmacGetSecret: salts to the authenticator, evaluations back (`webauthn-3 §10.1.4`; `ctap-2.2 §12.7, §12.8`).

use std::fmt;

use lab_protocol::Base64Url;
use lab_protocol::base64url;
use lab_protocol::cbor::Value as Cbor;
use lab_protocol::ctap2::hmac_secret::Input;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{bytes, prf_salt};
use crate::authorize;
use crate::error::Cause;
use crate::key::Key;
use crate::pin_uv::{Protocol, SharedSecret};
use crate::script::Io;

const LEN: usize = 32;

/// One or two salts, and the names that their evaluations have.
#[derive(Clone)]
pub(crate) struct Salts {
    salts: Zeroizing<Vec<u8>>,
    names: [&'static str; 2],
}

/// A question that was sent: what decrypts its answer.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    secret: SharedSecret,
    names: [&'static str; 2],
}

impl Salts {
    /// What a registration evaluates: `prf.eval`.
    pub(crate) fn at_creation(extensions: &Map<String, Value>) -> Option<Self> {
        Self::prf(extensions.get("prf")?.get("eval")?)
    }

    /// What a sign-in evaluates for a credential: its own inputs in `prf.evalByCredential`, else `prf.eval`, else
    /// `hmacGetSecret`.
    pub(crate) fn at_sign_in(extensions: &Map<String, Value>, credential: Option<&[u8]>) -> Option<Self> {
        if let Some(prf) = extensions.get("prf") {
            let own = credential.and_then(|id| prf.get("evalByCredential")?.get(base64url::encode(id)));
            return own.or_else(|| prf.get("eval")).and_then(Self::prf);
        }
        let salts = extensions.get("hmacGetSecret")?;
        let salt = |name| bytes(salts.get(name)).filter(|salt| salt.len() == LEN);
        Some(Self::new(salt("salt1")?, salt("salt2"), ["output1", "output2"]))
    }

    fn prf(inputs: &Value) -> Option<Self> {
        let salt = |name| bytes(inputs.get(name)).map(|input| prf_salt(&input).to_vec());
        Some(Self::new(salt("first")?, salt("second"), ["first", "second"]))
    }

    fn new(first: Vec<u8>, second: Option<Vec<u8>>, names: [&'static str; 2]) -> Self {
        Self { salts: Zeroizing::new([first, second.unwrap_or_default()].concat()), names }
    }

    /// The extension's input, under a key agreement of its own.
    ///
    /// # Errors
    /// The authenticator agrees on no key.
    pub(crate) async fn ask(&self, io: &Io, key: &Key) -> Result<(Cbor, Evaluation), Cause> {
        let agreed = authorize::agree(io, key.protocol()?).await?;
        let salt_enc = agreed.secret.encrypt(&self.salts, io.random().await?);
        let protocol = agreed.secret.protocol();
        let input = Input {
            salt_auth: agreed.secret.authenticate(&salt_enc),
            key_agreement: agreed.platform,
            salt_enc,
            pin_uv_auth_protocol: (protocol != Protocol::One).then_some(protocol.number()),
        };
        Ok((input.to_value(), Evaluation { secret: agreed.secret, names: self.names }))
    }
}

impl fmt::Debug for Salts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Salts({})", self.salts.len() / LEN)
    }
}

impl Evaluation {
    /// The evaluations in an output, by name; `None` where it does not decrypt to one or two.
    pub(crate) fn results(&self, output: &Cbor) -> Option<Value> {
        let outputs = self.secret.decrypt(output.as_bytes()?)?;
        let result = |part: &[u8]| json!(Base64Url(part.to_vec()));
        let [first, second] = self.names;
        match outputs.len() {
            LEN => Some(json!({ first: result(&outputs) })),
            64 => Some(json!({ first: result(&outputs[..LEN]), second: result(&outputs[LEN..]) })),
            _ => None,
        }
    }
}

/// Whether which salts are sent depends on the credential that answers.
pub(crate) fn depends_on_credential(extensions: &Map<String, Value>) -> bool {
    let inputs = extensions.get("prf").and_then(|prf| prf.get("evalByCredential")).and_then(Value::as_object);
    inputs.is_some_and(|inputs| !inputs.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salts(extensions: &Value, credential: Option<&[u8]>) -> Option<Vec<u8>> {
        Salts::at_sign_in(extensions.as_object().unwrap(), credential).map(|salts| salts.salts.to_vec())
    }

    #[test]
    fn the_credential_decides_whose_inputs_are_evaluated() {
        let extensions =
            json!({"prf": {"eval": {"first": "AQ"}, "evalByCredential": {"Bwc": {"first": "Ag", "second": "Aw"}}}});
        assert_eq!(salts(&extensions, Some(&[7, 7])), Some([prf_salt(&[2]), prf_salt(&[3])].concat()));
        assert_eq!(salts(&extensions, Some(&[8])), Some(prf_salt(&[1]).to_vec()));
        assert_eq!(salts(&extensions, None), Some(prf_salt(&[1]).to_vec()));
        assert_eq!(salts(&json!({"prf": {}}), None), None);
        let raw = base64url::encode([5; 32]);
        assert_eq!(salts(&json!({"hmacGetSecret": {"salt1": raw}}), None), Some(vec![5; 32]));
        assert_eq!(salts(&json!({"hmacGetSecret": {"salt1": "AQ"}}), None), None);
    }
}
