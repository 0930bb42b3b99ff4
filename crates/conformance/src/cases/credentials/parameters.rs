//! Parameters: missing, of the wrong type, too long, unknown.

use lab_client::manage;
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::webauthn::Flags;

use super::{Done, MC, UNPROTECTED, map, members, replaced, with};
use crate::bench::{Bench, user};
use crate::case::{Case, Need};
use crate::outcome::Outcome;

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
];

fn without(b: &mut Bench<'_>, member: i64) -> Done {
    let kept = members(b)?.into_iter().filter(|(key, _)| *key != Value::from(member)).collect();
    b.send_value(MC, &Value::Map(kept))?.is_of(&[0x14], &[0x02, 0x11, 0x12])
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

fn up_true(b: &mut Bench<'_>) -> Done {
    let mut request = Request { options: vec![("up".to_owned(), true)], ..b.creation() };
    if b.info.option("uv") == Some(true) {
        request.options.push(("uv".to_owned(), true));
    }
    b.make(&request)?.is_of(&[0x00], &[0x2c, 0x36])
}
