//! Writing a state: a head, then one item for each credential, oldest first (a CBOR sequence, RFC 8742).

use lab_protocol::cbor::{Writer, key_order};

use super::Durable;
use crate::engine::Authenticator;
use crate::store::{Credential, Store};

/// What the head calls itself.
pub(super) const FORMAT: &str = "passkey-lab authenticator";
/// The version that is written.
pub(super) const VERSION: i64 = 1;

pub(super) fn write(authenticator: &Authenticator) -> Vec<u8> {
    let credentials = authenticator.home.read(Store::all);
    let mut writer = Writer::with_capacity(512 + 512 * credentials.len());
    head(authenticator, credentials.len()).write(&mut writer);
    credentials.iter().for_each(|credential| members(credential).write(&mut writer));
    writer.into_bytes()
}

fn head(authenticator: &Authenticator, credentials: usize) -> Members {
    let model = &authenticator.model;
    let mut members = Members::default();
    members.put("format", |writer| _ = writer.text(FORMAT));
    members.put("version", |writer| _ = writer.integer(VERSION));
    members.put("model", |writer| _ = writer.text(&model.id));
    members.put("aaguid", |writer| _ = writer.bytes(&model.aaguid().0));
    members.put("counter", |writer| _ = writer.integer(i64::from(authenticator.counter.next())));
    members.put("credentials", |writer| _ = writer.integer(i64::try_from(credentials).unwrap_or(i64::MAX)));
    let root = authenticator.vendors.kept_root();
    members.put("root", |writer| {
        writer.map(2).text("secret").bytes(&root.secret).text("certificate").bytes(&root.certificate);
    });
    durable(&authenticator.state, &mut members);
    members
}

fn durable(state: &Durable, members: &mut Members) {
    members.put_some("pin", state.pin, |writer, pin| {
        writer.map(2).text("hash").bytes(&pin.hash).text("codePoints").integer(i64::from(pin.code_points));
    });
    members.number("pinRetries", state.pin_retries);
    members.number("uvRetries", state.uv_retries);
    members.number("minPINLength", state.min_pin_length);
    members.flag("forcePINChange", state.force_pin_change);
    members.put("minPinLengthRPIDs", |writer| {
        writer.array(state.min_pin_length_rp_ids.len());
        state.min_pin_length_rp_ids.iter().for_each(|rp_id| _ = writer.text(rp_id));
    });
    members.flag("alwaysUv", state.always_uv);
    members.flag("enterpriseAttestation", state.enterprise_attestation);
    members.flag("longTouchForReset", state.long_touch_for_reset);
    members.put("templates", |writer| {
        writer.array(state.templates.len());
        for template in &state.templates {
            writer.map(1 + usize::from(template.name.is_some())).text("id").bytes(&template.id);
            template.name.iter().for_each(|name| _ = writer.text("name").text(name));
        }
    });
    members.put("largeBlobArray", |writer| _ = writer.bytes(&state.large_blob_array));
    members.secret("persistentToken", state.persistent_token.as_ref());
    members.secret("unit", state.unit.as_ref());
    members.secret("deviceIdentifier", state.device_identifier.as_ref());
    members.secret("credStoreState", state.cred_store_state.as_ref());
}

fn members(credential: &Credential) -> Members {
    let mut members = Members::default();
    members.put("id", |writer| _ = writer.bytes(&credential.id));
    members.put("rp", |writer| match &credential.rp_id {
        Some(rp_id) => _ = writer.text(rp_id),
        None => _ = writer.bytes(&credential.rp_id_hash),
    });
    members.put("user", |writer| _ = writer.bytes(&credential.user.id));
    members.put_some("name", credential.user.name.as_ref(), |writer, name| _ = writer.text(name));
    members.put_some("displayName", credential.user.display_name.as_ref(), |writer, name| _ = writer.text(name));
    members.put("algorithm", |writer| _ = writer.integer(credential.key.algorithm().0));
    members.put("secret", |writer| _ = writer.bytes(&credential.key.to_secret()));
    members.put("signCount", |writer| _ = writer.integer(i64::from(credential.sign_count)));
    members.flag("discoverable", credential.discoverable);
    members.flag("backupEligible", credential.backup_eligible);
    members.number("credProtect", credential.cred_protect.level());
    let random = credential.cred_random.as_ref();
    members.secret("credRandomWithUV", random.map(|random| &random.with_uv));
    members.secret("credRandomWithoutUV", random.map(|random| &random.without_uv));
    members.secret("largeBlobKey", credential.large_blob_key.as_ref());
    members.put_some("credBlob", credential.cred_blob.as_ref(), |writer, blob| _ = writer.bytes(blob));
    members.flag("thirdPartyPayment", credential.third_party_payment);
    members
}

/// The members of a map, which is written in canonical order.
#[derive(Default)]
struct Members(Vec<(Vec<u8>, Vec<u8>)>);

impl Members {
    fn put(&mut self, name: &str, write: impl FnOnce(&mut Writer)) {
        let (mut key, mut value) = (Writer::new(), Writer::new());
        key.text(name);
        write(&mut value);
        self.0.push((key.into_bytes(), value.into_bytes()));
    }

    fn put_some<T>(&mut self, name: &str, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
        if let Some(value) = value {
            self.put(name, |writer| write(writer, value));
        }
    }

    fn number(&mut self, name: &str, number: u8) {
        self.put(name, |writer| _ = writer.integer(i64::from(number)));
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.put(name, |writer| _ = writer.boolean(flag));
    }

    fn secret<const N: usize>(&mut self, name: &str, secret: Option<&[u8; N]>) {
        self.put_some(name, secret, |writer, secret| _ = writer.bytes(secret));
    }

    fn write(mut self, writer: &mut Writer) {
        self.0.sort_by(|a, b| key_order(&a.0, &b.0));
        writer.map(self.0.len());
        self.0.iter().for_each(|(key, value)| _ = writer.raw(key).raw(value));
    }
}
