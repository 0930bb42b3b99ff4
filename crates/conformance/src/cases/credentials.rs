//! authenticatorMakeCredential (`ctap-2.2 §6.1`).

use lab_attestation::trust::{self, Anchor, Anchors, Origin, Trust};
use lab_attestation::verify::{self, Input, Policy};
use lab_client::manage;
use lab_client::pin_uv::{Protocol, Token};
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::ctap2::{Command, Permissions};
use lab_protocol::trace::{Known, Trace};
use lab_protocol::webauthn::{AuthenticatorData, Flags};

use crate::bench::{Bench, Credential, OTHER_RP, RP, authorize_creation, authorize_request, list, read, user};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

type Done = Result<Outcome, Stop>;

const MC: Command = Command::MAKE_CREDENTIAL;
const UNPROTECTED: Need = Need::IsNot("uv");

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.mc.base",
        needs: &[],
        sends: "ES256, not discoverable",
        must: "0x00, AT and UP set, rpIdHash of the RP ID",
        run: base,
    },
    Case {
        id: "au.mc.base-rk",
        needs: &[Need::Is("rk")],
        sends: "a discoverable credential",
        must: "0x00",
        run: |b| {
            let request = b.resident(1);
            b.made(request).map(|_| Outcome::Pass)
        },
    },
    Case { id: "au.mc.missing-cdh", needs: &[], sends: "no clientDataHash", must: "0x14", run: |b| without(b, 1) },
    Case { id: "au.mc.missing-rp", needs: &[], sends: "no rp", must: "0x14", run: |b| without(b, 2) },
    Case { id: "au.mc.missing-user", needs: &[], sends: "no user", must: "0x14", run: |b| without(b, 3) },
    Case { id: "au.mc.missing-params", needs: &[], sends: "no pubKeyCredParams", must: "0x14", run: |b| without(b, 4) },
    Case {
        id: "au.mc.type-1",
        needs: &[],
        sends: "clientDataHash as text",
        must: "0x11",
        run: |b| typed(b, 1, "x".into()),
    },
    Case { id: "au.mc.type-2", needs: &[], sends: "rp as text", must: "0x11", run: |b| typed(b, 2, "x".into()) },
    Case { id: "au.mc.type-3", needs: &[], sends: "user as text", must: "0x11", run: |b| typed(b, 3, "x".into()) },
    Case {
        id: "au.mc.type-4",
        needs: &[],
        sends: "pubKeyCredParams as text",
        must: "0x11",
        run: |b| typed(b, 4, "x".into()),
    },
    Case {
        id: "au.mc.type-5",
        needs: &[],
        sends: "excludeList as text",
        must: "0x11",
        run: |b| typed(b, 5, "x".into()),
    },
    Case {
        id: "au.mc.type-6",
        needs: &[],
        sends: "extensions as text",
        must: "0x11",
        run: |b| typed(b, 6, "x".into()),
    },
    Case { id: "au.mc.type-7", needs: &[], sends: "options as text", must: "0x11", run: |b| typed(b, 7, "x".into()) },
    Case {
        id: "au.mc.type-8",
        needs: &[],
        sends: "pinUvAuthParam as text",
        must: "0x11",
        run: |b| typed(b, 8, "x".into()),
    },
    Case {
        id: "au.mc.type-9",
        needs: &[],
        sends: "pinUvAuthProtocol as text",
        must: "0x11",
        run: |b| typed(b, 9, "x".into()),
    },
    Case {
        id: "au.mc.type-10",
        needs: &[],
        sends: "enterpriseAttestation as text",
        must: "0x11",
        run: |b| typed(b, 10, "x".into()),
    },
    Case {
        id: "au.mc.type-11",
        needs: &[],
        sends: "attestationFormatsPreference as text",
        must: "0x11",
        run: |b| typed(b, 11, "x".into()),
    },
    Case {
        id: "au.mc.cdh-31",
        needs: &[],
        sends: "clientDataHash of 31 bytes",
        must: "0x02 or 0x03",
        run: |b| replaced(b, 1, Value::Bytes(vec![1; 31]), &[0x02, 0x03], &[0x11, 0x12]),
    },
    Case {
        id: "au.mc.rp-no-id",
        needs: &[],
        sends: "rp without id",
        must: "0x11 or 0x14",
        run: |b| replaced(b, 2, map(&[("name", "x".into())]), &[0x11, 0x14], &[0x12]),
    },
    Case {
        id: "au.mc.rp-no-name",
        needs: &[],
        sends: "rp without name",
        must: "0x00",
        run: |b| with(b, |request| request.rp.name = None),
    },
    Case {
        id: "au.mc.rp-long",
        needs: &[],
        sends: "an RP ID of 1000 characters",
        must: "0x00, 0x15 or 0x03",
        run: long_rp,
    },
    Case {
        id: "au.mc.user-no-id",
        needs: &[],
        sends: "user without id",
        must: "0x11 or 0x14",
        run: |b| replaced(b, 3, map(&[("name", "x".into())]), &[0x11, 0x14], &[0x12]),
    },
    Case {
        id: "au.mc.user-id-0",
        needs: &[],
        sends: "a user id of no byte",
        must: "anything: recorded",
        run: |b| {
            let request = Request { user: lab_protocol::ctap2::UserEntity { id: vec![], ..user(1) }, ..b.creation() };
            b.make(&request)?.record()
        },
    },
    Case {
        id: "au.mc.user-id-64",
        needs: &[],
        sends: "a user id of 64 bytes",
        must: "0x00",
        run: |b| with(b, |request| request.user.id = vec![6; 64]),
    },
    Case {
        id: "au.mc.user-id-65",
        needs: &[],
        sends: "a user id of 65 bytes",
        must: "0x02 or 0x03",
        run: |b| {
            let request =
                Request { user: lab_protocol::ctap2::UserEntity { id: vec![6; 65], ..user(1) }, ..b.creation() };
            b.make(&request)?.is_of(&[0x02, 0x03], &[0x00, 0x11, 0x15])
        },
    },
    Case {
        id: "au.mc.user-name-long",
        needs: &[Need::Fresh, Need::Is("rk"), Need::Is("credMgmt"), Need::Pin],
        sends: "a name of 200 bytes, two to a character",
        must: "0x00; 64 bytes of it or more are kept, and no half character",
        run: long_name,
    },
    Case {
        id: "au.mc.user-nonascii",
        needs: &[],
        sends: "a display name beyond ASCII",
        must: "0x00",
        run: |b| with(b, |request| request.user.display_name = Some("Ödön 🔑".to_owned())),
    },
    Case {
        id: "au.mc.params-empty",
        needs: &[],
        sends: "pubKeyCredParams without an entry",
        must: "0x26 or 0x14",
        run: |b| {
            let request = Request { pub_key_cred_params: vec![], ..b.creation() };
            b.make(&request)?.is_of(&[0x26, 0x14], &[])
        },
    },
    Case {
        id: "au.mc.params-unknown-alg",
        needs: &[],
        sends: "only the algorithm -999",
        must: "0x26",
        run: |b| {
            let request = Request { pub_key_cred_params: vec![key(-999)], ..b.creation() };
            b.make(&request)?.is(0x26)
        },
    },
    Case {
        id: "au.mc.params-second",
        needs: &[],
        sends: "-999, then -7",
        must: "a key of -7",
        run: |b| chosen(b, vec![key(-999), key(-7)], -7),
    },
    Case {
        id: "au.mc.params-order",
        needs: &[],
        sends: "-8, then -7",
        must: "-8 where it has that",
        run: params_order,
    },
    Case {
        id: "au.mc.params-bad-later",
        needs: &[],
        sends: "-7, then an entry without alg",
        must: "an error",
        run: params_bad_later,
    },
    Case {
        id: "au.mc.params-type-unknown",
        needs: &[],
        sends: "an entry of an unknown type, then public-key",
        must: "the second is chosen",
        run: |b| chosen(b, vec![("unknown".to_owned(), Algorithm(-7)), key(-7)], -7),
    },
    Case {
        id: "au.mc.exclude-hit",
        needs: &[],
        sends: "its own credential in excludeList",
        must: "0x19",
        run: exclude_hit,
    },
    Case {
        id: "au.mc.exclude-hit-notouch",
        needs: &[Need::Person],
        sends: "the same, and nobody touches",
        must: "0x19 (0x2f is seen)",
        run: exclude_untouched,
    },
    Case {
        id: "au.mc.exclude-other-rp",
        needs: &[],
        sends: "a credential of another RP in excludeList",
        must: "0x00",
        run: exclude_other_rp,
    },
    Case {
        id: "au.mc.exclude-unknown",
        needs: &[],
        sends: "ids of nobody in excludeList",
        must: "0x00",
        run: |b| with(b, |request| request.exclude_list = list(&[&[9; 32], &[8; 64]])),
    },
    Case {
        id: "au.mc.exclude-protect3",
        needs: &[Need::Fresh, Need::Extension("credProtect"), Need::Is("makeCredUvNotRqd"), Need::Pin],
        sends: "a credential of level 3 in excludeList, nobody verified",
        must: "passed over: 0x00",
        run: exclude_protected,
    },
    Case {
        id: "au.mc.exclude-too-many",
        needs: &[],
        sends: "one entry more than maxCredentialCountInList",
        must: "0x15 or 0x39",
        run: too_many,
    },
    Case {
        id: "au.mc.exclude-long-id",
        needs: &[],
        sends: "an id longer than maxCredentialIdLength",
        must: "passed over, or 0x15",
        run: long_id,
    },
    Case {
        id: "au.mc.ext-unknown",
        needs: &[],
        sends: "an unknown extension",
        must: "passed over",
        run: |b| with(b, |request| request.extensions.push(("tomato".into(), true.into()))),
    },
    Case {
        id: "au.mc.opt-unknown",
        needs: &[],
        sends: "an unknown option",
        must: "passed over",
        run: |b| with(b, |request| request.options.push(("tomato".to_owned(), true))),
    },
    Case {
        id: "au.mc.opt-up-false",
        needs: &[],
        sends: "up false",
        must: "0x2c",
        run: |b| option(b, "up", false, &[0x2c], &[0x2b]),
    },
    Case { id: "au.mc.opt-up-true", needs: &[], sends: "up true", must: "0x00", run: up_true },
    Case {
        id: "au.mc.opt-uv-no",
        needs: &[UNPROTECTED],
        sends: "uv true where it has no verification of its own",
        must: "0x2c",
        run: |b| option(b, "uv", true, &[0x2c], &[0x2b]),
    },
    Case {
        id: "au.mc.opt-rk-unsupported",
        needs: &[Need::IsNot("rk")],
        sends: "rk true where it keeps none",
        must: "0x2b",
        run: |b| option(b, "rk", true, &[0x2b], &[]),
    },
    Case {
        id: "au.mc.pin-zero-len",
        needs: &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin")],
        sends: "an empty pinUvAuthParam before and after a PIN is set",
        must: "0x35, then 0x31",
        run: zero_length,
    },
    Case {
        id: "au.mc.pin-no-protocol",
        needs: &[Need::Fresh, Need::Pin],
        sends: "pinUvAuthParam without protocol",
        must: "0x14",
        run: |b| {
            let request = Request { pin_uv_auth_param: Some(vec![1; 16]), ..b.creation() };
            b.make(&request)?.is(0x14)
        },
    },
    Case {
        id: "au.mc.pin-bad-protocol",
        needs: &[Need::Fresh, Need::Pin],
        sends: "protocol 3",
        must: "0x02 (0x33 is seen)",
        run: |b| {
            let request =
                Request { pin_uv_auth_param: Some(vec![1; 16]), pin_uv_auth_protocol: Some(3), ..b.creation() };
            b.make(&request)?.is_of(&[0x02], &[0x33])
        },
    },
    Case {
        id: "au.mc.pin-no-pin",
        needs: &[Need::Fresh, Need::Option("clientPin"), Need::IsNot("clientPin"), UNPROTECTED],
        sends: "pinUvAuthParam where no PIN is set",
        must: "0x35, 0x33 or 0x00: recorded",
        run: |b| {
            let request = Request {
                pin_uv_auth_param: Some(vec![1; 16]),
                pin_uv_auth_protocol: Some(b.protocol()?.number()),
                ..b.creation()
            };
            b.make(&request)?.is_of(&[], &[0x35, 0x33, 0x00, 0x36])
        },
    },
    Case {
        id: "au.mc.pin-ok",
        needs: &[Need::Fresh, Need::Pin],
        sends: "a valid pinUvAuthParam",
        must: "UV set",
        run: pin_ok,
    },
    Case {
        id: "au.mc.pin-bad",
        needs: &[Need::Fresh, Need::Pin],
        sends: "a wrong pinUvAuthParam",
        must: "0x33",
        run: |b| {
            let token = b.ceremony_token()?;
            with_token(b, &token, |request| flip(&mut request.pin_uv_auth_param), &[0x33])
        },
    },
    Case {
        id: "au.mc.pin-required",
        needs: &[Need::IsNot("alwaysUv"), UNPROTECTED, Need::Fresh, Need::Is("rk"), Need::Pin],
        sends: "no pinUvAuthParam, discoverable",
        must: "0x36",
        run: |b| {
            let request = b.resident(1);
            b.make(&request)?.is(0x36)
        },
    },
    Case {
        id: "au.mc.pin-notreq",
        needs: &[Need::Fresh, Need::Is("makeCredUvNotRqd"), Need::Pin],
        sends: "no pinUvAuthParam, not discoverable, makeCredUvNotRqd",
        must: "0x00, UV clear",
        run: not_required,
    },
    Case {
        id: "au.mc.pin-notreq-false",
        needs: &[Need::IsNot("alwaysUv"), UNPROTECTED, Need::Fresh, Need::IsNot("makeCredUvNotRqd"), Need::Pin],
        sends: "no pinUvAuthParam, not discoverable",
        must: "0x36",
        run: |b| {
            let request = b.creation();
            b.make(&request)?.is(0x36)
        },
    },
    Case {
        id: "au.mc.perm-missing",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token without mc",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::GET_ASSERTION, Some(RP))?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.perm-rp-mismatch",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token for another RP ID",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::MAKE_CREDENTIAL, Some(OTHER_RP))?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.perm-once",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token twice",
        must: "0x00, then 0x33",
        run: |b| {
            let token = b.ceremony_token()?;
            with_token(b, &token, |_| (), &[0])?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.token-expired",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Seconds(31), Need::Pin],
        sends: "a token that was not used for 31 s",
        must: "0x33",
        run: |b| {
            let token = b.ceremony_token()?;
            b.wait(31)?;
            with_token(b, &token, |_| (), &[0x33])
        },
    },
    Case {
        id: "au.mc.token-old",
        needs: &[Need::Fresh, Need::Is("pinUvAuthToken"), Need::Seconds(660), Need::Pin],
        sends: "a token in use, after 9 and after 11 minutes",
        must: "0x00, then 0x33",
        run: old_token,
    },
    Case {
        id: "au.mc.alwaysuv",
        needs: &[Need::Fresh, Need::Option("alwaysUv"), Need::IsNot("alwaysUv"), UNPROTECTED, Need::Pin],
        sends: "no pinUvAuthParam where alwaysUv is on",
        must: "0x36",
        run: always_uv,
    },
    Case {
        id: "au.mc.touch-required",
        needs: &[Need::Person],
        sends: "a credential, and nobody touches",
        must: "0x2f (0x27 is seen)",
        run: untouched,
    },
    Case {
        id: "au.mc.duplicate-ids",
        needs: &[],
        sends: "two credentials of one user",
        must: "two ids, two keys",
        run: duplicates,
    },
    Case {
        id: "au.mc.overwrite",
        needs: &[Need::Fresh, Need::Is("rk"), Need::Is("credMgmt"), Need::Pin],
        sends: "two discoverable credentials of one account",
        must: "one remains",
        run: overwrite,
    },
    Case {
        id: "au.mc.full",
        needs: &[Need::Fresh, Need::Is("rk")],
        sends: "discoverable credentials until none fits",
        must: "0x28, and the first still signs",
        run: full,
    },
    Case {
        id: "au.mc.ep-unsupported",
        needs: &[Need::IsNot("ep")],
        sends: "enterpriseAttestation 1 where it is off",
        must: "0x02",
        run: |b| {
            let request = Request { enterprise_attestation: Some(1), ..b.creation() };
            b.make(&request)?.is(0x02)
        },
    },
    Case {
        id: "au.mc.ep-value",
        needs: &[Need::Fresh, Need::Option("ep"), Need::Is("authnrCfg"), UNPROTECTED],
        sends: "enterpriseAttestation 3 where it is on",
        must: "0x2c",
        run: ep_value,
    },
    Case {
        id: "au.mc.ep-vendor",
        needs: &[Need::Fresh, Need::Option("ep"), Need::Is("authnrCfg"), UNPROTECTED],
        sends: "enterpriseAttestation 1 for an RP that the vendor did not list",
        must: "epAtt not true",
        run: |b| ep_mode(b, 1),
    },
    Case {
        id: "au.mc.ep-platform",
        needs: &[Need::Fresh, Need::Option("ep"), Need::Is("authnrCfg"), UNPROTECTED],
        sends: "enterpriseAttestation 2",
        must: "epAtt true where the model is platform-managed: recorded",
        run: |b| ep_mode(b, 2),
    },
    Case {
        id: "au.mc.fmtpref-none",
        needs: &[],
        sends: "attestationFormatsPreference [none]",
        must: "fmt none, no attStmt",
        run: |b| preference(b, &["none"]),
    },
    Case {
        id: "au.mc.fmtpref-none-packed",
        needs: &[],
        sends: "attestationFormatsPreference [none, packed]",
        must: "fmt none, an empty attStmt",
        run: |b| preference(b, &["none", "packed"]),
    },
    Case {
        id: "au.mc.fmtpref-unknown",
        needs: &[],
        sends: "attestationFormatsPreference [tomato]",
        must: "the format without a preference",
        run: unknown_format,
    },
    Case {
        id: "au.mc.att-verify",
        needs: &[],
        sends: "a credential",
        must: "a statement that verifies, of the model's own kind",
        run: attestation,
    },
    Case {
        id: "au.mc.be-bs",
        needs: &[],
        sends: "a credential",
        must: "BE as the model says, BS only with BE",
        run: backup_flags,
    },
    Case {
        id: "au.mc.uv-clear",
        needs: &[Need::IsNot("alwaysUv"), Need::Fresh, UNPROTECTED],
        sends: "a credential of somebody who is not verified",
        must: "UV clear",
        run: unverified,
    },
    Case {
        id: "au.mc.counter",
        needs: &[],
        sends: "a credential",
        must: "anything: recorded",
        run: |b| {
            let credential = b.made(b.creation())?;
            Ok(Outcome::observe(format!("signature counter {}", credential.sign_count)))
        },
    },
    Case {
        id: "au.mc.u2f-interop",
        needs: &[Need::Version("U2F_V2"), Need::IsNot("alwaysUv")],
        sends: "a credential of CTAP2 to U2F",
        must: "check-only finds it",
        run: interop,
    },
    Case {
        id: "au.mc.power-cycle",
        needs: &[Need::Replug],
        sends: "a credential, then a replug",
        must: "it still signs",
        run: survives,
    },
];

fn key(alg: i64) -> (String, Algorithm) {
    ("public-key".to_owned(), Algorithm(alg))
}

fn map(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

/// A request that is changed and must succeed.
fn with(b: &mut Bench<'_>, change: impl FnOnce(&mut Request)) -> Done {
    let mut request = b.creation();
    change(&mut request);
    b.made(request).map(|_| Outcome::Pass)
}

/// The request's members by key.
fn members(b: &Bench<'_>) -> Result<Vec<(Value, Value)>, Stop> {
    let value = cbor::decode(&b.creation().encode(), Rules::CTAP2).map_err(|error| Stop::fail("CBOR", error))?;
    Ok(value.into_map().unwrap_or_default())
}

fn without(b: &mut Bench<'_>, member: i64) -> Done {
    let kept = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
    b.send_value(MC, &Value::Map(kept))?.is_of(&[0x14], &[0x02, 0x11, 0x12])
}

fn replaced(b: &mut Bench<'_>, member: i64, value: Value, expected: &[u8], tolerated: &[u8]) -> Done {
    let mut members: Vec<_> = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
    members.push((member.into(), value));
    b.send_value(MC, &Value::Map(members))?.is_of(expected, tolerated)
}

fn typed(b: &mut Bench<'_>, member: i64, value: Value) -> Done {
    replaced(b, member, value, &[0x11], &[0x12, 0x02])
}

fn option(b: &mut Bench<'_>, name: &str, value: bool, expected: &[u8], tolerated: &[u8]) -> Done {
    let request = Request { options: vec![(name.to_owned(), value)], ..b.creation() };
    b.send(MC, &request.encode())?.is_of(expected, tolerated)
}

fn base(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    Ok(Outcome::check(credential.flags.has(Flags::UP), "UP set", credential.flags))
}

fn long_rp(b: &mut Bench<'_>) -> Done {
    let mut request = b.creation();
    request.rp.id = format!("{}.test", "x".repeat(995));
    b.make(&request)?.is_of(&[0x00, 0x15, 0x03, 0x36], &[0x27, 0x39])
}

fn long_name(b: &mut Bench<'_>) -> Done {
    let (mut request, name) = (b.resident(1), "ä".repeat(100));
    request.user.name = Some(name.clone());
    b.made(request)?;
    let parties = b.drive(manage::credentials::list())?;
    let kept = parties.first().and_then(|party| party.credentials.first()).and_then(|found| found.user.name.as_deref());
    let kept = kept.unwrap_or_default();
    let whole = kept.len() >= 64 && name.starts_with(kept);
    Ok(Outcome::check(whole, "64 bytes or more of the name", format!("{} bytes", kept.len())))
}

fn chosen(b: &mut Bench<'_>, params: Vec<(String, Algorithm)>, expected: i64) -> Done {
    let credential = b.made(Request { pub_key_cred_params: params, ..b.creation() })?;
    Ok(Outcome::check(credential.public_key.alg.0 == expected, expected, credential.public_key.alg.0))
}

fn params_order(b: &mut Bench<'_>) -> Done {
    let both = [-8, -7].iter().all(|alg| b.info.algorithms.contains(&Algorithm(*alg)));
    if !both {
        return Err(Stop::not_applicable("it does not list both -8 and -7"));
    }
    chosen(b, vec![key(-8), key(-7)], -8)
}

fn params_bad_later(b: &mut Bench<'_>) -> Done {
    let params = Value::Array(vec![
        map(&[("alg", (-7).into()), ("type", "public-key".into())]),
        map(&[("type", "public-key".into())]),
    ]);
    replaced(b, 4, params, &[0x11, 0x12, 0x14, 0x02], &[])
}

fn exclude_hit(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let mut request = Request { exclude_list: list(&[&credential.id]), ..b.creation() };
    if b.info.option("clientPin") == Some(true) {
        let token = b.ceremony_token()?;
        authorize_creation(&mut request, &token);
    }
    b.make(&request)?.is_of(&[0x19], &[0x36])
}

fn exclude_untouched(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    b.person(Behaviour::Absent)?;
    let request = Request { exclude_list: list(&[&credential.id]), ..b.creation() };
    b.make(&request)?.is_of(&[0x19], &[0x2f, 0x27, 0x3a])
}

fn exclude_other_rp(b: &mut Bench<'_>) -> Done {
    let mut other = b.creation();
    other.rp.id = OTHER_RP.to_owned();
    let credential = b.made(other)?;
    with(b, |request| request.exclude_list = list(&[&credential.id]))
}

fn exclude_protected(b: &mut Bench<'_>) -> Done {
    let protected = Request { extensions: vec![("credProtect".into(), 3.into())], ..b.creation() };
    let credential = b.made(protected)?;
    let request = Request { exclude_list: list(&[&credential.id]), ..b.creation() };
    b.make(&request)?.is(0x00)
}

fn too_many(b: &mut Bench<'_>) -> Done {
    let most = b.info.max_credential_count_in_list.and_then(|count| usize::try_from(count).ok());
    let most = most.ok_or_else(|| Stop::not_applicable("it does not tell maxCredentialCountInList"))?;
    let ids: Vec<Vec<u8>> = (0..=most).map(|index| vec![index as u8; 16]).collect();
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
    let request = Request { exclude_list: list(&ids), ..b.creation() };
    b.make(&request)?.is_of(&[0x15, 0x39], &[0x00, 0x36])
}

fn long_id(b: &mut Bench<'_>) -> Done {
    let longest = b.info.max_credential_id_length.and_then(|length| usize::try_from(length).ok());
    let longest = longest.ok_or_else(|| Stop::not_applicable("it does not tell maxCredentialIdLength"))?;
    let request = Request { exclude_list: list(&[&vec![7; longest + 1]]), ..b.creation() };
    b.make(&request)?.is_of(&[0x00, 0x15], &[0x02, 0x03, 0x36])
}

fn up_true(b: &mut Bench<'_>) -> Done {
    let mut request = Request { options: vec![("up".to_owned(), true)], ..b.creation() };
    if b.info.option("uv") == Some(true) {
        request.options.push(("uv".to_owned(), true));
    }
    b.make(&request)?.is_of(&[0x00], &[0x2c, 0x36])
}

fn zero_length(b: &mut Bench<'_>) -> Done {
    let number = Some(b.protocol()?.number());
    let request = Request { pin_uv_auth_param: Some(vec![]), pin_uv_auth_protocol: number, ..b.creation() };
    b.make(&request)?.must(0x35)?;
    b.set_pin()?;
    b.make(&request)?.is(0x31)
}

/// A request under a token, changed after it was authorized.
fn with_token(b: &mut Bench<'_>, token: &Token, change: impl FnOnce(&mut Request), expected: &[u8]) -> Done {
    let mut request = b.creation();
    authorize_creation(&mut request, token);
    change(&mut request);
    b.make(&request)?.is_of(expected, &[])
}

/// Silent assertions keep a token in use and leave it its permissions.
fn old_token(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let token = b.ceremony_token()?;
    let mut silent = b.request(&[&credential.id]);
    silent.options.push(("up".to_owned(), false));
    authorize_request(&mut silent, &token);
    b.get(&silent)?.must(0x00)?;
    b.wait(540)?;
    b.get(&silent)?.must(0x00)?;
    b.wait(120)?;
    b.get(&silent)?.is(0x33)
}

fn flip(param: &mut Option<Vec<u8>>) {
    if let Some(byte) = param.as_mut().and_then(|param| param.first_mut()) {
        *byte ^= 1;
    }
}

fn pin_ok(b: &mut Bench<'_>) -> Done {
    for protocol in [Protocol::One, Protocol::Two] {
        let Ok(protocol) = b.with_protocol(protocol) else { continue };
        let token = b.token_by(protocol, Permissions::MAKE_CREDENTIAL, Some(RP))?;
        let mut request = b.creation();
        authorize_creation(&mut request, &token);
        let credential = read(&b.make(&request)?.ok()?, RP)?;
        if !credential.flags.has(Flags::UV) {
            return Err(Stop::fail(format!("UV set with {protocol}"), credential.flags));
        }
    }
    Ok(Outcome::Pass)
}

fn not_required(b: &mut Bench<'_>) -> Done {
    let request = b.creation();
    let credential = b.made_unverified(&request)?;
    Ok(Outcome::check(!credential.flags.has(Flags::UV), "UV clear", credential.flags))
}

fn always_uv(b: &mut Bench<'_>) -> Done {
    b.drive(manage::config::toggle_always_uv())?;
    let request = b.creation();
    b.make(&request)?.is(0x36)
}

fn untouched(b: &mut Bench<'_>) -> Done {
    b.person(Behaviour::Absent)?;
    let request = b.creation();
    b.make(&request)?.is_of(&[0x2f], &[0x27, 0x3a])
}

fn duplicates(b: &mut Bench<'_>) -> Done {
    let (one, two) = (b.made(b.creation())?, b.made(b.creation())?);
    let differ = one.id != two.id && one.public_key != two.public_key;
    Ok(Outcome::check(differ, "another id and another key", "the same"))
}

fn overwrite(b: &mut Bench<'_>) -> Done {
    for _ in 0..2 {
        let request = b.resident(1);
        b.made(request)?;
    }
    let parties = b.drive(manage::credentials::list())?;
    let found: usize = parties.iter().map(|party| party.credentials.len()).sum();
    Ok(Outcome::check(found == 1, "1 credential", found))
}

fn full(b: &mut Bench<'_>) -> Done {
    let slots = b.info.remaining_discoverable_credentials;
    let slots = slots.ok_or_else(|| Stop::not_applicable("it does not tell remainingDiscoverableCredentials"))?;
    if slots > 250 || (slots > 64 && !b.target.is_model()) {
        return Err(Stop::not_applicable(format!("it has {slots} slots")));
    }
    let request = b.resident(0);
    let first = b.made(request)?;
    for number in 1..slots {
        let request = b.resident(number as u8);
        b.made(request)?;
    }
    let mut request = b.resident(255);
    if b.info.option("uv") == Some(true) {
        request.options.push(("uv".to_owned(), true));
    }
    b.make(&request)?.must(0x28)?;
    let request = b.request(&[&first.id]);
    b.signed(&first, &request)?;
    Ok(Outcome::Pass)
}

fn enable_enterprise(b: &mut Bench<'_>) -> Result<(), Stop> {
    b.drive(manage::config::enable_enterprise_attestation())
}

fn ep_value(b: &mut Bench<'_>) -> Done {
    enable_enterprise(b)?;
    let request = Request { enterprise_attestation: Some(3), ..b.creation() };
    b.make(&request)?.is(0x2c)
}

fn ep_mode(b: &mut Bench<'_>, mode: i64) -> Done {
    enable_enterprise(b)?;
    let credential = b.made(Request { enterprise_attestation: Some(mode), ..b.creation() })?;
    match (mode, credential.response.ep_att) {
        (1, Some(true)) => Err(Stop::fail("epAtt not true", "true")),
        (1, _) => Ok(Outcome::Pass),
        (_, found) => Ok(Outcome::observe(format!("epAtt {found:?}"))),
    }
}

fn preference(b: &mut Bench<'_>, formats: &[&str]) -> Done {
    if b.info.attestation_formats.is_empty() {
        return Err(Stop::not_applicable("it lists no attestationFormats, so it need not know the preference"));
    }
    let wished = formats.iter().map(|format| (*format).to_owned()).collect();
    let made = b.made(Request { attestation_formats_preference: wished, ..b.creation() })?.response;
    let expected = if formats.len() == 1 { None } else { Some(Value::Map(vec![])) };
    let found = format!("{} with {:?}", made.fmt, made.att_stmt);
    Ok(Outcome::check(made.fmt == "none" && made.att_stmt == expected, format!("none with {expected:?}"), found))
}

fn unknown_format(b: &mut Bench<'_>) -> Done {
    let usual = b.made(b.creation())?.response.fmt;
    let wished = vec!["tomato".to_owned()];
    let found = b.made(Request { attestation_formats_preference: wished, ..b.creation() })?.response.fmt;
    Ok(Outcome::check(found == usual, usual, &found))
}

/// The statement verifies; of a model that is known, it is of the known format, with certificates that end in its root.
fn attestation(b: &mut Bench<'_>) -> Done {
    let request = b.creation();
    let hash = request.client_data_hash;
    let credential = b.made(request)?;
    let trust_path = verified(b, &credential, &hash)?;
    let Ok(facts) = b.facts() else {
        return Ok(Outcome::observe(format!("{} with {} certificates", credential.response.fmt, trust_path.len())));
    };
    let fmt = &credential.response.fmt;
    if *fmt != facts.format {
        return Err(Stop::fail(format!("the model's format {}", facts.format), fmt));
    }
    if facts.certified == trust_path.is_empty() {
        let expected = if facts.certified { "certificates" } else { "no certificates" };
        return Err(Stop::fail(expected, format!("{} of them", trust_path.len())));
    }
    if facts.certified { trusted(b, &facts.root, &trust_path) } else { Ok(Outcome::Pass) }
}

fn verified(b: &mut Bench<'_>, credential: &Credential, hash: &[u8; 32]) -> Result<Vec<Vec<u8>>, Stop> {
    let made = &credential.response;
    let data = AuthenticatorData::parse(&made.auth_data).map_err(|error| Stop::fail("authenticator data", error))?;
    let aaguid = data.attested.as_ref().map(|attested| attested.aaguid);
    if aaguid != Some(b.info.aaguid) {
        return Err(Stop::fail(format!("the AAGUID of getInfo {}", b.info.aaguid), format!("{aaguid:?}")));
    }
    let Some(format) = verify::format(&made.fmt) else {
        return Err(Stop::not_applicable(format!("the format {} is not verified here", made.fmt)));
    };
    let att_stmt = cbor::encode(made.att_stmt.as_ref().unwrap_or(&Value::Map(vec![])));
    let (mut trace, policy) = (Trace::new(), Policy::default());
    let input = Input {
        auth_data: &data,
        credential_key: Known::Value(&credential.public_key),
        att_stmt: &att_stmt,
        client_data_hash: hash,
        policy: &policy,
        at: b.now(),
    };
    let attested = format.verify(&input, &mut trace);
    let failed: Vec<_> = trace.failures().map(|entry| entry.check.id).collect();
    attested
        .map(|attested| attested.trust_path)
        .ok_or_else(|| Stop::fail("a statement that verifies", failed.join(", ")))
}

fn trusted(b: &mut Bench<'_>, root: &[u8], path: &[Vec<u8>]) -> Done {
    let anchor = Anchor::from_der(root, Origin::StandIn).map_err(|error| Stop::fail("a root", error))?;
    let anchors: Anchors = [anchor].into_iter().collect();
    match trust::chain(path, &anchors, &[], b.now(), &mut Trace::new()) {
        Trust::Trusted { .. } => Ok(Outcome::Pass),
        other => {
            Err(Stop::fail("a chain to the model's root", format!("{other:?}").chars().take(120).collect::<String>()))
        }
    }
}

fn backup_flags(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let (eligible, state) = (credential.flags.has(Flags::BE), credential.flags.has(Flags::BS));
    if state && !eligible {
        return Err(Stop::fail("BS only with BE", credential.flags));
    }
    match b.facts() {
        Ok(facts) => Ok(Outcome::check(
            eligible == facts.backup_eligible,
            format!("BE {}", facts.backup_eligible),
            credential.flags,
        )),
        Err(_) => Ok(Outcome::check(!eligible, "BE clear on hardware", credential.flags)),
    }
}

fn unverified(b: &mut Bench<'_>) -> Done {
    let request = b.creation();
    let reply = b.make(&request)?;
    if reply.status.0 == 0x36 {
        return Err(Stop::not_applicable("it serves nobody who is not verified"));
    }
    let credential = read(&reply.ok()?, RP)?;
    Ok(Outcome::check(!credential.flags.has(Flags::UV), "UV clear", credential.flags))
}

fn interop(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    let apdu = super::u2f::authenticate(0x07, &lab_attestation::sha256(RP.as_bytes()), &credential.id);
    let (_, status) = b.u2f(&apdu)?;
    match status {
        0x6985 => Ok(Outcome::Pass),
        0x6a80 => Ok(Outcome::observe("credentials of CTAP2 are not usable over U2F")),
        other => Err(Stop::fail("6985", format!("{other:04x}"))),
    }
}

fn survives(b: &mut Bench<'_>) -> Done {
    let credential = b.made(b.creation())?;
    b.replug()?;
    let request = b.request(&[&credential.id]);
    b.signed(&credential, &request)?;
    Ok(Outcome::Pass)
}
