//! The program's replies, as the lab's own client would give them.

use lab_client::manage::credentials::{Credential, Metadata, RelyingParty};
use lab_client::manage::pin::PinState;
use lab_client::{Authentication, Choice, Context, Conveyed, Registration};
use lab_jobs::real_key::Denial;
use lab_protocol::cbor::{self, Value as Cbor};
use lab_protocol::ctap2::{Descriptor, RpEntity, UserEntity, get_info};
use lab_protocol::webauthn::client_data::ClientDataDraft;
use lab_protocol::webauthn::responses::{AssertionResponse, AttestationResponse};
use lab_protocol::webauthn::{
    AuthenticationResponse, AuthenticatorData, Ceremony, RegistrationResponse, attestation_object,
};
use lab_protocol::{Base64Url, base64url};
use serde_json::{Map, Value};

/// The client data of a page.
pub fn client_data(ceremony: Ceremony, challenge: &[u8], context: &Context) -> Vec<u8> {
    let draft = ClientDataDraft {
        ty: ceremony.client_data_type().to_owned(),
        challenge: base64url::encode(challenge),
        origin: context.origin.to_string(),
        cross_origin: false,
        top_origin: None,
        extra: Vec::new(),
    };
    draft.serialize()
}

fn unusable(what: &str) -> Denial {
    Denial::Unusable(format!("the reply of ctap-hid-fido2 has no {what} that can be used"))
}

fn bytes(value: &Value, name: &'static str) -> Result<Vec<u8>, Denial> {
    value[name].as_str().and_then(|text| base64url::decode(text).ok()).ok_or_else(|| unusable(name))
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a key says of itself.
pub fn info(reply: &Value) -> Result<get_info::Response, Denial> {
    let options = reply["options"].as_object().into_iter().flatten();
    // The crate says 0 where a key does not tell.
    let number = |name: &str| reply[name].as_i64().filter(|number| *number != 0);
    Ok(get_info::Response {
        versions: texts(&reply["versions"]),
        extensions: texts(&reply["extensions"]),
        aaguid: reply["aaguid"].as_str().and_then(|text| text.parse().ok()).ok_or_else(|| unusable("aaguid"))?,
        options: options.filter_map(|(name, value)| Some((name.clone(), value.as_bool()?))).collect(),
        max_msg_size: number("max_msg_size"),
        pin_uv_auth_protocols: reply["pin_uv_auth_protocols"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect(),
        transports: texts(&reply["transports"]),
        firmware_version: number("firmware_version"),
        min_pin_length: number("min_pin_length"),
        remaining_discoverable_credentials: number("remaining_discoverable_credentials"),
        attestation_formats: texts(&reply["attestation_formats"]),
        ..get_info::Response::default()
    })
}

/// The state of the PIN, of what `info` says.
pub fn pin_state(reply: &Value) -> PinState {
    PinState {
        is_set: reply["options"]["clientPin"].as_bool(),
        retries: reply["pin_retries"].as_i64(),
        must_replug: false,
        must_change: reply["force_pin_change"].as_bool() == Some(true),
        min_length: reply["min_pin_length"]
            .as_u64()
            .and_then(|least| usize::try_from(least).ok())
            .filter(|least| *least > 0)
            .unwrap_or(4),
        uv_retries: None,
    }
}

/// A registration.
pub fn registration(reply: &Value, client_data: Vec<u8>) -> Result<Registration, Denial> {
    let auth_data = bytes(reply, "auth_data")?;
    let id = AuthenticatorData::parse(&auth_data).ok().and_then(|data| Some(data.attested?.credential_id.to_vec()));
    let id = id.ok_or_else(|| unusable("credential id"))?;
    let fmt = reply["fmt"].as_str().ok_or_else(|| unusable("fmt"))?;
    let object = attestation_object::encode(fmt, &cbor::encode(&statement(fmt, reply)?), &auth_data);
    let response = RegistrationResponse {
        id: base64url::encode(&id),
        raw_id: id.into(),
        response: AttestationResponse {
            client_data_json: client_data.into(),
            attestation_object: object.into(),
            authenticator_data: Some(auth_data.into()),
            transports: vec!["usb".to_owned()],
            public_key: None,
            public_key_algorithm: None,
            unknown: Map::new(),
        },
        authenticator_attachment: Some("cross-platform".to_owned()),
        client_extension_results: Map::new(),
        ty: "public-key".to_owned(),
        unknown: Map::new(),
    };
    Ok(Registration { response, conveyed: Conveyed::default() })
}

/// The statement that the crate took apart, put together again.
fn statement(fmt: &str, reply: &Value) -> Result<Cbor, Denial> {
    let mut members = Vec::new();
    if fmt == "packed" {
        members.push((Cbor::from("alg"), Cbor::from(reply["alg"].as_i64().ok_or_else(|| unusable("alg"))?)));
    }
    if fmt != "none" {
        members.push((Cbor::from("sig"), Cbor::from(bytes(reply, "sig")?)));
        let chain = texts(&reply["x5c"]).iter().map(|text| base64url::decode(text)).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|_| unusable("x5c"))?;
        if !chain.is_empty() {
            members.push((Cbor::from("x5c"), Cbor::Array(chain.into_iter().map(Cbor::from).collect())));
        }
    }
    Ok(Cbor::Map(members))
}

/// The sign-in of the account that is meant, else of the first.
pub fn authentication(reply: &Value, client_data: Vec<u8>, choice: &Choice) -> Result<Authentication, Denial> {
    let assertions: Vec<&Value> = reply.as_array().into_iter().flatten().collect();
    let meant = |row: &&&Value| match choice {
        Choice::User(handle) => bytes(row, "user_id").is_ok_and(|id| id == *handle),
        _ => true,
    };
    let row = assertions.iter().find(meant).or(assertions.first()).ok_or_else(|| unusable("assertion"))?;
    let id = bytes(row, "credential_id")?;
    let user = bytes(row, "user_id")?;
    let response = AuthenticationResponse {
        id: base64url::encode(&id),
        raw_id: id.into(),
        response: AssertionResponse {
            client_data_json: client_data.into(),
            authenticator_data: bytes(row, "auth_data")?.into(),
            signature: bytes(row, "signature")?.into(),
            user_handle: Some(user).filter(|user| !user.is_empty()).map(Base64Url),
            unknown: Map::new(),
        },
        authenticator_attachment: Some("cross-platform".to_owned()),
        client_extension_results: Map::new(),
        ty: "public-key".to_owned(),
        unknown: Map::new(),
    };
    Ok(Authentication { response, accounts: assertions.len() })
}

/// How many credentials there are, and how many more fit.
pub fn slots(reply: &Value) -> Result<Metadata, Denial> {
    let number = |name: &'static str| reply[name].as_i64().ok_or_else(|| unusable(name));
    Ok(Metadata { existing: number("existing")?, remaining: number("remaining")? })
}

/// What the key holds.
pub fn credentials(reply: &Value) -> Result<Vec<RelyingParty>, Denial> {
    reply["relying_parties"].as_array().into_iter().flatten().map(relying_party).collect()
}

fn relying_party(row: &Value) -> Result<RelyingParty, Denial> {
    let credentials = row["credentials"].as_array().into_iter().flatten().map(credential);
    Ok(RelyingParty {
        rp: RpEntity { id: row["rp_id"].as_str().unwrap_or_default().to_owned(), name: None },
        rp_id_hash: bytes(row, "rp_id_hash")?,
        credentials: credentials.collect::<Result<_, _>>()?,
    })
}

fn credential(row: &Value) -> Result<Credential, Denial> {
    let name = |name: &str| row[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Credential {
        user: UserEntity {
            id: bytes(row, "user_id")?,
            name: name("user_name"),
            display_name: name("user_display_name"),
        },
        id: Descriptor::new(bytes(row, "credential_id")?),
        public_key: Vec::new(),
        cred_protect: None,
        large_blob_key: None,
        third_party_payment: None,
    })
}
