//! Extensions (`ctap-2.2 §12`).

use lab_client::manage;
use lab_client::pin_uv::{Protocol, SharedSecret};
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::ctap2::config::Params;
use lab_protocol::ctap2::{Permissions, get_assertion, hmac_secret, make_credential};
use lab_protocol::webauthn::AuthenticatorData;

use crate::bench::{Bench, Credential, RP, authorize_request, output};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const HMAC: &[Need] = &[Need::Fresh, Need::Extension("hmac-secret")];
const SALT: [u8; 32] = [0x51; 32];
const OTHER_SALT: [u8; 32] = [0x52; 32];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.ext.protect-echo",
        needs: &[Need::Extension("credProtect")],
        sends: "credProtect 2",
        must: "an output of 2 or more",
        run: |b| {
            let credential = made(b, false, "credProtect", 2.into())?;
            let found = output(&credential.response.auth_data, "credProtect")?
                .and_then(|value| value.as_integer())
                .map(i128::from);
            Ok(Outcome::check(found.is_some_and(|level| level >= 2), "2 or 3", format!("{found:?}")))
        },
    },
    Case {
        id: "au.ext.protect-range",
        needs: &[Need::Extension("credProtect")],
        sends: "credProtect 0 and 4",
        must: "passed over or an error: recorded",
        run: |b| {
            let mut answer = |level: i64| {
                let extensions = vec![("credProtect".into(), level.into())];
                let request = make_credential::Request { extensions, ..b.creation() };
                Ok::<_, Stop>(b.make(&request)?.status)
            };
            Ok(Outcome::observe(format!("answered {} to 0, {} to 4", answer(0)?, answer(4)?)))
        },
    },
    Case {
        id: "au.ext.blob-max",
        needs: &[Need::Fresh, Need::Extension("credBlob"), Need::Is("rk")],
        sends: "a credBlob of maxCredBlobLength",
        must: "true",
        run: |b| {
            let length = longest_blob(b);
            blob(b, length, true)
        },
    },
    Case {
        id: "au.ext.blob-max-1",
        needs: &[Need::Fresh, Need::Extension("credBlob"), Need::Is("rk")],
        sends: "a credBlob of a byte more",
        must: "false",
        run: |b| {
            let length = longest_blob(b) + 1;
            blob(b, length, false)
        },
    },
    Case {
        id: "au.ext.blob-get",
        needs: &[Need::Fresh, Need::Extension("credBlob"), Need::Is("rk")],
        sends: "a credBlob, and none",
        must: "the bytes, and none",
        run: blob_get,
    },
    Case {
        id: "au.ext.hmac-mc",
        needs: HMAC,
        sends: "hmac-secret true",
        must: "true",
        run: |b| {
            let credential = made(b, true, "hmac-secret", true.into())?;
            let found = output(&credential.response.auth_data, "hmac-secret")?;
            Ok(Outcome::check(found == Some(true.into()), "true", format!("{found:?}")))
        },
    },
    Case {
        id: "au.ext.hmac-1",
        needs: HMAC,
        sends: "one salt, twice",
        must: "the same 32 bytes",
        run: |b| evaluate_twice(b, &[SALT]),
    },
    Case {
        id: "au.ext.hmac-2",
        needs: HMAC,
        sends: "two salts, twice",
        must: "the same 64 bytes",
        run: |b| evaluate_twice(b, &[SALT, OTHER_SALT]),
    },
    Case {
        id: "au.ext.hmac-uv-differs",
        needs: &[Need::Fresh, Need::Extension("hmac-secret"), Need::IsNot("alwaysUv"), Need::Pin],
        sends: "a salt with and without verification",
        must: "other bytes",
        run: uv_differs,
    },
    Case {
        id: "au.ext.hmac-bad-auth",
        needs: HMAC,
        sends: "a wrong saltAuth",
        must: "0x33",
        run: |b| changed(b, |input| input.salt_auth[0] ^= 1, &[0x33], &[]),
    },
    Case { id: "au.ext.hmac-len", needs: HMAC, sends: "salts of 16 and of 96 bytes", must: "0x02", run: lengths },
    Case {
        id: "au.ext.hmac-missing-key",
        needs: HMAC,
        sends: "no keyAgreement",
        must: "0x14 (0x11 is seen)",
        run: |b| without(b, 1),
    },
    Case {
        id: "au.ext.hmac-missing-salt",
        needs: HMAC,
        sends: "no saltEnc",
        must: "0x14 (0x11 is seen)",
        run: |b| without(b, 2),
    },
    Case {
        id: "au.ext.hmac-missing-auth",
        needs: HMAC,
        sends: "no saltAuth",
        must: "0x14 (0x11 is seen)",
        run: |b| without(b, 3),
    },
    Case { id: "au.ext.hmac-up-false", needs: HMAC, sends: "a salt with up false", must: "0x2b", run: up_false },
    Case {
        id: "au.ext.hmac-mc-alone",
        needs: &[Need::Fresh, Need::Extension("hmac-secret-mc")],
        sends: "hmac-secret-mc without hmac-secret",
        must: "0x14 or passed over: recorded",
        run: |b| {
            let (input, _) = salts(b, &SALT)?;
            let request =
                make_credential::Request { extensions: vec![("hmac-secret-mc".into(), input)], ..b.creation() };
            b.make(&request)?.record()
        },
    },
    Case {
        id: "au.ext.hmac-mc-equals-ga",
        needs: &[Need::Fresh, Need::Extension("hmac-secret-mc"), Need::Is("rk")],
        sends: "a salt at registration and at sign-in",
        must: "the same bytes",
        run: mc_equals_ga,
    },
    Case {
        id: "au.ext.minpin-auth",
        needs: &[Need::Fresh, Need::Extension("minPinLength"), Need::Is("setMinPINLength"), Need::Pin],
        sends: "minPinLength for an RP that is listed",
        must: "the length",
        run: |b| min_pin(b, true),
    },
    Case {
        id: "au.ext.minpin-unauth",
        needs: &[Need::Fresh, Need::Extension("minPinLength")],
        sends: "minPinLength for an RP that is not listed",
        must: "no output",
        run: |b| min_pin(b, false),
    },
    Case {
        id: "au.ext.lbk-no-rk",
        needs: &[Need::Extension("largeBlobKey")],
        sends: "largeBlobKey for a credential that is not discoverable",
        must: "0x2c or none: recorded",
        run: |b| {
            let request =
                make_credential::Request { extensions: vec![("largeBlobKey".into(), true.into())], ..b.creation() };
            b.make(&request)?.record()
        },
    },
    Case {
        id: "au.ext.tpp",
        needs: &[Need::Fresh, Need::Extension("thirdPartyPayment"), Need::Is("rk")],
        sends: "thirdPartyPayment at registration and sign-in",
        must: "true",
        run: payment,
    },
    Case {
        id: "au.ext.subset",
        needs: &[],
        sends: "two extensions",
        must: "no output that was not asked for",
        run: subset,
    },
];

/// A credential with one extension.
fn made(b: &mut Bench<'_>, resident: bool, name: &str, input: Value) -> Result<Credential, Stop> {
    let base = if resident && b.info.option("rk") == Some(true) { b.resident(1) } else { b.creation() };
    let request = make_credential::Request { extensions: vec![(name.into(), input)], ..base };
    b.made(request)
}

/// The input of hmac-secret for salts that are whole blocks, and what decrypts the output.
pub(super) fn salts(b: &mut Bench<'_>, salts: &[u8]) -> Result<(Value, SharedSecret), Stop> {
    let (input, secret) = input(b, salts)?;
    Ok((input.to_value(), secret))
}

fn input(b: &mut Bench<'_>, salts: &[u8]) -> Result<(hmac_secret::Input, SharedSecret), Stop> {
    let agreement = b.agree()?;
    let salt_enc = agreement.secret.encrypt(salts, b.random());
    let protocol = agreement.secret.protocol();
    let input = hmac_secret::Input {
        salt_auth: agreement.secret.authenticate(&salt_enc),
        key_agreement: agreement.platform,
        salt_enc,
        pin_uv_auth_protocol: (protocol != Protocol::One).then_some(protocol.number()),
    };
    Ok((input, agreement.secret))
}

fn longest_blob(b: &Bench<'_>) -> usize {
    b.info.max_cred_blob_length.and_then(|length| usize::try_from(length).ok()).unwrap_or(32)
}

fn blob(b: &mut Bench<'_>, length: usize, stored: bool) -> Done {
    let credential = made(b, true, "credBlob", Value::Bytes(vec![7; length]))?;
    let found = output(&credential.response.auth_data, "credBlob")?;
    Ok(Outcome::check(found == Some(stored.into()), stored, format!("{found:?}")))
}

fn blob_get(b: &mut Bench<'_>) -> Done {
    let blob = vec![7; 20];
    let with = made(b, true, "credBlob", Value::Bytes(blob.clone()))?;
    let without = b.made(b.creation())?;
    for (credential, expected) in [(&with, blob), (&without, vec![])] {
        let extensions = vec![("credBlob".into(), true.into())];
        let request = get_assertion::Request { extensions, ..b.request(&[&credential.id]) };
        let data = b.signed(credential, &request)?.response.auth_data;
        let found = output(&data, "credBlob")?.and_then(|value| value.into_bytes().ok()).unwrap_or_default();
        if found != expected {
            return Err(Stop::fail(format!("{} bytes", expected.len()), format!("{} bytes", found.len())));
        }
    }
    Ok(Outcome::Pass)
}

/// The evaluation of salts, in the clear.
fn evaluate(b: &mut Bench<'_>, credential: &Credential, given: &[u8], verified: bool) -> Result<Vec<u8>, Stop> {
    let mut request = b.request(&[&credential.id]);
    if verified {
        let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
        authorize_request(&mut request, &token);
    }
    let (input, secret) = salts(b, given)?;
    request.extensions.push(("hmac-secret".into(), input));
    let data = b.signed(credential, &request)?.response.auth_data;
    decrypted(&secret, output(&data, "hmac-secret")?)
}

fn decrypted(secret: &SharedSecret, output: Option<Value>) -> Result<Vec<u8>, Stop> {
    let output = output.and_then(|value| value.into_bytes().ok()).ok_or_else(|| Stop::fail("an output", "none"))?;
    let clear =
        secret.decrypt(&output).ok_or_else(|| Stop::fail("an encrypted output", format!("{} bytes", output.len())))?;
    Ok(clear.to_vec())
}

fn evaluate_twice(b: &mut Bench<'_>, given: &[[u8; 32]]) -> Done {
    let credential = made(b, true, "hmac-secret", true.into())?;
    let given = given.concat();
    let (first, second) = (evaluate(b, &credential, &given, false)?, evaluate(b, &credential, &given, false)?);
    let same = first == second && first.len() == given.len();
    Ok(Outcome::check(
        same,
        format!("the same {} bytes", given.len()),
        format!("{} and {} bytes", first.len(), second.len()),
    ))
}

fn uv_differs(b: &mut Bench<'_>) -> Done {
    let credential = made(b, true, "hmac-secret", true.into())?;
    let verified = evaluate(b, &credential, &SALT, true)?;
    let unverified = evaluate(b, &credential, &SALT, false)?;
    Ok(Outcome::check(verified != unverified, "other bytes", "the same"))
}

/// An assertion whose input was changed.
fn changed(b: &mut Bench<'_>, change: impl FnOnce(&mut hmac_secret::Input), expected: &[u8], tolerated: &[u8]) -> Done {
    let credential = made(b, true, "hmac-secret", true.into())?;
    let (mut input, _) = input(b, &SALT)?;
    change(&mut input);
    let extensions = vec![("hmac-secret".into(), input.to_value())];
    let request = get_assertion::Request { extensions, ..b.request(&[&credential.id]) };
    b.get(&request)?.is_of(expected, tolerated)
}

fn lengths(b: &mut Bench<'_>) -> Done {
    let credential = made(b, true, "hmac-secret", true.into())?;
    for length in [16, 96] {
        let (input, _) = salts(b, &vec![7; length])?;
        let extensions = vec![("hmac-secret".into(), input)];
        let request = get_assertion::Request { extensions, ..b.request(&[&credential.id]) };
        b.get(&request)?.is_of(&[0x02], &[0x03])?;
    }
    Ok(Outcome::Pass)
}

fn without(b: &mut Bench<'_>, member: i64) -> Done {
    let credential = made(b, true, "hmac-secret", true.into())?;
    let (input, _) = salts(b, &SALT)?;
    let kept = input.into_map().unwrap_or_default().into_iter().filter(|(key, _)| *key != Value::from(member));
    let extensions = vec![("hmac-secret".into(), Value::Map(kept.collect()))];
    let request = get_assertion::Request { extensions, ..b.request(&[&credential.id]) };
    b.get(&request)?.is_of(&[0x14], &[0x11, 0x12, 0x02])
}

fn up_false(b: &mut Bench<'_>) -> Done {
    let credential = made(b, true, "hmac-secret", true.into())?;
    let (input, _) = salts(b, &SALT)?;
    let extensions = vec![("hmac-secret".into(), input)];
    let options = vec![("up".to_owned(), false)];
    let request = get_assertion::Request { extensions, options, ..b.request(&[&credential.id]) };
    b.get(&request)?.is_of(&[0x2b], &[0x2c])
}

fn mc_equals_ga(b: &mut Bench<'_>) -> Done {
    let (input, secret) = salts(b, &SALT)?;
    let extensions = vec![("hmac-secret".into(), true.into()), ("hmac-secret-mc".into(), input)];
    let request = make_credential::Request { extensions, ..b.resident(1) };
    let credential = b.made_unverified(&request)?;
    let at_creation = decrypted(&secret, output(&credential.response.auth_data, "hmac-secret-mc")?)?;
    let at_sign_in = evaluate(b, &credential, &SALT, false)?;
    Ok(Outcome::check(at_creation == at_sign_in, "the same bytes", "others"))
}

fn min_pin(b: &mut Bench<'_>, listed: bool) -> Done {
    if listed {
        let ids = Some(vec![RP.to_owned()]);
        b.drive(manage::config::set_min_pin_length(Params { min_pin_length_rp_ids: ids, ..Default::default() }))?;
    }
    let credential = made(b, true, "minPinLength", true.into())?;
    let found = output(&credential.response.auth_data, "minPinLength")?;
    Ok(Outcome::check(found.is_some() == listed, if listed { "a length" } else { "no output" }, format!("{found:?}")))
}

fn payment(b: &mut Bench<'_>) -> Done {
    let credential = made(b, true, "thirdPartyPayment", true.into())?;
    let extensions = vec![("thirdPartyPayment".into(), true.into())];
    let request = get_assertion::Request { extensions, ..b.request(&[&credential.id]) };
    let data = b.signed(&credential, &request)?.response.auth_data;
    let found = output(&data, "thirdPartyPayment")?;
    Ok(Outcome::check(found == Some(true.into()), "true", format!("{found:?}")))
}

fn subset(b: &mut Bench<'_>) -> Done {
    let asked = [("credProtect", Value::from(2)), ("minPinLength", Value::from(true)), ("tomato", Value::from(true))];
    let extensions = asked.iter().map(|(name, input)| ((*name).into(), input.clone())).collect();
    let credential = b.made(make_credential::Request { extensions, ..b.creation() })?;
    let data = &credential.response.auth_data;
    let data = AuthenticatorData::parse(data).map_err(|error| Stop::fail("authenticator data", error))?;
    let Some(outputs) = data.extensions else { return Ok(Outcome::Pass) };
    let outputs = cbor::decode(outputs, Rules::CTAP2).map_err(|error| Stop::fail("canonical CBOR", error))?;
    let outputs = outputs.into_map().unwrap_or_default();
    let odd = outputs.iter().find(|(name, _)| !asked.iter().any(|(asked, _)| name.as_text() == Some(asked)));
    Ok(Outcome::check(odd.is_none(), "only outputs that were asked for", format!("{odd:?}")))
}
