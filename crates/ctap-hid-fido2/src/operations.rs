//! What is done with a key.

use ctap_hid_fido2::fidokey::get_assertion::get_assertion_params::Assertion;
use ctap_hid_fido2::fidokey::{CredentialExtension, FidoKeyHid, GetAssertionArgsBuilder, MakeCredentialArgsBuilder};
use ctap_hid_fido2::public_key_credential_descriptor::PublicKeyCredentialDescriptor;
use ctap_hid_fido2::public_key_credential_user_entity::PublicKeyCredentialUserEntity;
use ctap_hid_fido2::{FidoKeyHidFactory, HidParam, LibCfg, get_fidokey_devices};
use serde_json::{Value, json};

use crate::Failed;
use crate::request::{Request, need, text};

/// Does what is asked for.
pub fn run(request: &Request) -> Result<Value, Failed> {
    match &request.op[..] {
        "list" => Ok(list()),
        "info" => info(&open(request)?),
        "register" => register(request, &open(request)?),
        "sign-in" => sign_in(request, &open(request)?),
        "credentials" => credentials(request, &open(request)?),
        "delete" => delete(request, &open(request)?),
        "set-pin" => set_pin(request, &open(request)?),
        "change-pin" => change_pin(request, &open(request)?),
        other => Err(format!("there is no operation “{other}”").into()),
    }
}

/// What the crate is told: nothing on standard output but the reply, and the commands of CTAP 2.1 where a key has them.
fn configured(preview: bool) -> LibCfg {
    LibCfg { use_pre_credential_management: preview, ..LibCfg::init().with_keep_alive_msg_to_stderr(true) }
}

fn at(path: &str, preview: bool) -> Result<FidoKeyHid, Failed> {
    Ok(FidoKeyHidFactory::create_by_params(&[HidParam::Path(path.to_owned())], &configured(preview))?)
}

fn open(request: &Request) -> Result<FidoKeyHid, Failed> {
    let path = need(&request.path, "path")?;
    let info = at(path, false)?.get_info()?;
    let has = |option: &str| info.options.iter().any(|(name, value)| name == option && *value);
    let key = at(path, !has("credMgmt") && has("credentialMgmtPreview"))?;
    // The crate speaks protocol 1 unless told otherwise.
    let only_two = info.pin_uv_auth_protocols.contains(&2) && !info.pin_uv_auth_protocols.contains(&1);
    Ok(if only_two { key.with_pin_protocol_version(2) } else { key })
}

fn list() -> Value {
    let keys = get_fidokey_devices().into_iter().filter_map(|found| {
        let HidParam::Path(path) = &found.param else { return None };
        let mut row = json!({
            "path": path,
            "product": found.product_string,
            "usb": format!("{:04x}:{:04x}", found.vid, found.pid),
        });
        match at(path, false).and_then(|key| Ok(key.get_info()?)) {
            Ok(info) => row["aaguid"] = aaguid(&info.aaguid).into(),
            Err(failed) => row["problem"] = failed.message.into(),
        }
        Some(row)
    });
    keys.collect()
}

fn aaguid(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match hex.len() {
        32 => [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"),
        _ => hex,
    }
}

fn info(key: &FidoKeyHid) -> Result<Value, Failed> {
    let info = key.get_info()?;
    let options: serde_json::Map<String, Value> =
        info.options.iter().map(|(name, value)| (name.clone(), (*value).into())).collect();
    // Some keys answer that they have none to the question how many attempts are left.
    let pin_is_set = options.get("clientPin").and_then(Value::as_bool) == Some(true);
    let retries = if pin_is_set { Some(key.get_pin_retries()?) } else { None };
    Ok(json!({
        "versions": info.versions,
        "extensions": info.extensions,
        "aaguid": aaguid(&info.aaguid),
        "options": options,
        "max_msg_size": info.max_msg_size,
        "pin_uv_auth_protocols": info.pin_uv_auth_protocols,
        "transports": info.transports,
        "firmware_version": info.firmware_version,
        "min_pin_length": info.min_pin_length,
        "force_pin_change": info.force_pin_change,
        "remaining_discoverable_credentials": info.remaining_discoverable_credentials,
        "attestation_formats": info.attestation_formats,
        "pin_retries": retries,
    }))
}

fn register(request: &Request, key: &FidoKeyHid) -> Result<Value, Failed> {
    let user = PublicKeyCredentialUserEntity::new(
        Some(&need(&request.user_id, "user_id")?.0),
        request.user_name.as_deref(),
        request.user_display_name.as_deref(),
    );
    let client_data = &need(&request.client_data, "client_data")?.0;
    let args = MakeCredentialArgsBuilder::new(need(&request.rp_id, "rp_id")?, client_data)
        .user_entity(&user)
        .extensions(&[CredentialExtension::HmacSecret(Some(true))])
        .resident_key();
    let args = match &request.pin {
        Some(pin) => args.pin(pin),
        None => args,
    };
    let made = key.make_credential_with_args(&args.build())?;
    Ok(json!({
        "fmt": made.fmt,
        "auth_data": text(&made.auth_data),
        "alg": made.attstmt_alg,
        "sig": text(&made.attstmt_sig),
        "x5c": made.attstmt_x5c.iter().map(|certificate| text(certificate)).collect::<Vec<_>>(),
    }))
}

fn sign_in(request: &Request, key: &FidoKeyHid) -> Result<Value, Failed> {
    let client_data = &need(&request.client_data, "client_data")?.0;
    let mut args = GetAssertionArgsBuilder::new(need(&request.rp_id, "rp_id")?, client_data);
    for allowed in &request.allow_credentials {
        args = args.add_credential_id(&allowed.0);
    }
    let args = match &request.pin {
        Some(pin) => args.pin(pin),
        None => args,
    };
    let made = key.get_assertion_with_args(&args.build())?;
    let row = |assertion: &Assertion| {
        json!({
            "credential_id": text(&assertion.credential_id),
            "auth_data": text(&assertion.auth_data),
            "signature": text(&assertion.signature),
            "user_id": text(&assertion.user.id),
        })
    };
    Ok(made.iter().map(row).collect())
}

fn credentials(request: &Request, key: &FidoKeyHid) -> Result<Value, Failed> {
    let pin = request.pin.as_deref();
    let counts = key.credential_management_get_creds_metadata(pin)?;
    let mut parties = Vec::new();
    // An enumeration of nothing is an error of the key.
    let found = if counts.existing_resident_credentials_count > 0 {
        key.credential_management_enumerate_rps(pin)?
    } else {
        Vec::new()
    };
    for party in found {
        let credentials = key.credential_management_enumerate_credentials(pin, &party.rpid_hash)?;
        let rows = credentials.iter().map(|credential| {
            let user = &credential.public_key_credential_user_entity;
            json!({
                "credential_id": text(&credential.public_key_credential_descriptor.id),
                "user_id": text(&user.id),
                "user_name": user.name,
                "user_display_name": user.display_name,
            })
        });
        parties.push(json!({
            "rp_id": party.public_key_credential_rp_entity.id,
            "rp_id_hash": text(&party.rpid_hash),
            "credentials": rows.collect::<Vec<_>>(),
        }));
    }
    Ok(json!({
        "existing": counts.existing_resident_credentials_count,
        "remaining": counts.max_possible_remaining_resident_credentials_count,
        "relying_parties": parties,
    }))
}

fn delete(request: &Request, key: &FidoKeyHid) -> Result<Value, Failed> {
    let id = need(&request.credential_id, "credential_id")?.0.clone();
    let descriptor = PublicKeyCredentialDescriptor { id, ctype: "public-key".to_owned() };
    key.credential_management_delete_credential(request.pin.as_deref(), descriptor)?;
    Ok(Value::Null)
}

fn set_pin(request: &Request, key: &FidoKeyHid) -> Result<Value, Failed> {
    key.set_new_pin(need(&request.new_pin, "new_pin")?)?;
    Ok(Value::Null)
}

fn change_pin(request: &Request, key: &FidoKeyHid) -> Result<Value, Failed> {
    key.change_pin(need(&request.pin, "pin")?, need(&request.new_pin, "new_pin")?)?;
    Ok(Value::Null)
}
