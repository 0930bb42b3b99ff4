//! authenticatorLargeBlobs (`ctap-2.2 §6.10`).

use lab_client::large_blobs::{self as blobs, LargeBlobs, authenticated};
use lab_client::manage::credentials;
use lab_client::pin_uv::Token;
use lab_protocol::ctap2::large_blobs::{Request, Response};
use lab_protocol::ctap2::{Command, Permissions, get_assertion, make_credential};

use crate::bench::{Bench, RP, Reply};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const LB: Command = Command::LARGE_BLOBS;
const HAS: &[Need] = &[Need::Is("largeBlobs")];
const OPEN: &[Need] =
    &[Need::Fresh, Need::Is("largeBlobs"), Need::IsNot("uv"), Need::IsNot("clientPin"), Need::IsNot("alwaysUv")];
const GUARDED: &[Need] = &[Need::Fresh, Need::Is("largeBlobs"), Need::Pin];

/// The array without an element, and its truncated hash.
const INITIAL: [u8; 17] =
    [0x80, 0x76, 0xbe, 0x8b, 0x52, 0x8d, 0, 0x75, 0xf7, 0xaa, 0xe9, 0x8d, 0x6f, 0xa5, 0x7a, 0x6d, 0x3c];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.lb.initial",
        needs: &[Need::Fresh, Need::Is("largeBlobs")],
        sends: "get",
        must: "the 17 bytes of the empty array",
        run: |b| {
            let found = read(b)?;
            Ok(Outcome::check(found == INITIAL, "the empty array", format!("{found:02x?}")))
        },
    },
    Case {
        id: "au.lb.get-set-both",
        needs: HAS,
        sends: "get and set together",
        must: "0x02",
        run: |b| {
            ask(b, &Request { get: Some(17), set: Some(vec![0; 17]), offset: Some(0), ..Default::default() })?.is(0x02)
        },
    },
    Case {
        id: "au.lb.get-set-neither",
        needs: HAS,
        sends: "neither get nor set",
        must: "0x02",
        run: |b| ask(b, &Request { offset: Some(0), ..Default::default() })?.is_of(&[0x02], &[0x14]),
    },
    Case {
        id: "au.lb.no-offset",
        needs: HAS,
        sends: "get without offset",
        must: "0x14 or 0x02",
        run: |b| ask(b, &Request { get: Some(17), ..Default::default() })?.is_of(&[0x14, 0x02], &[]),
    },
    Case {
        id: "au.lb.get-too-big",
        needs: HAS,
        sends: "get of more than maxMsgSize - 64",
        must: "0x03",
        run: |b| {
            let size = b.info.max_msg_size.unwrap_or(1024) - 63;
            ask(b, &Request { get: Some(size), offset: Some(0), ..Default::default() })?.is(0x03)
        },
    },
    Case {
        id: "au.lb.get-offset-end",
        needs: &[Need::Fresh, Need::Is("largeBlobs")],
        sends: "get at the end",
        must: "nothing",
        run: |b| {
            let body = ask(b, &get(17))?.ok()?;
            let found = Response::parse(&body)?.config.unwrap_or_default();
            Ok(Outcome::check(found.is_empty(), "no bytes", found.len()))
        },
    },
    Case {
        id: "au.lb.get-offset-beyond",
        needs: &[Need::Fresh, Need::Is("largeBlobs")],
        sends: "get beyond the end",
        must: "0x02",
        run: |b| ask(b, &get(18))?.is(0x02),
    },
    Case {
        id: "au.lb.set-no-length",
        needs: OPEN,
        sends: "set at 0 without length",
        must: "0x02",
        run: |b| {
            ask(b, &Request { set: Some(INITIAL.to_vec()), offset: Some(0), ..Default::default() })?
                .is_of(&[0x02], &[0x14])
        },
    },
    Case {
        id: "au.lb.set-length-16",
        needs: OPEN,
        sends: "set with length 16",
        must: "0x02",
        run: |b| {
            ask(b, &Request { set: Some(vec![0; 16]), offset: Some(0), length: Some(16), ..Default::default() })?
                .is(0x02)
        },
    },
    Case {
        id: "au.lb.set-too-big",
        needs: OPEN,
        sends: "set with a length beyond the capacity",
        must: "0x18",
        run: |b| {
            let length = b.info.max_serialized_large_blob_array.unwrap_or(1024) + 1;
            ask(b, &Request { set: Some(vec![0; 32]), offset: Some(0), length: Some(length), ..Default::default() })?
                .is(0x18)
        },
    },
    Case {
        id: "au.lb.set-offset-wrong",
        needs: OPEN,
        sends: "a second fragment at another offset",
        must: "0x04",
        run: wrong_offset,
    },
    Case {
        id: "au.lb.set-overrun",
        needs: OPEN,
        sends: "fragments beyond the length",
        must: "0x02",
        run: |b| {
            ask(b, &Request { set: Some(vec![0; 40]), offset: Some(0), length: Some(30), ..Default::default() })?
                .is(0x02)
        },
    },
    Case {
        id: "au.lb.set-bad-hash",
        needs: OPEN,
        sends: "an array whose hash is wrong",
        must: "0x3d, and the old one is kept",
        run: bad_hash,
    },
    Case {
        id: "au.lb.set-no-param",
        needs: GUARDED,
        sends: "set without pinUvAuthParam",
        must: "0x36",
        run: |b| ask(b, &whole(&INITIAL))?.is(0x36),
    },
    Case {
        id: "au.lb.set-bad-mac",
        needs: GUARDED,
        sends: "a wrong pinUvAuthParam",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::LARGE_BLOB_WRITE, None)?;
            let request = Request {
                pin_uv_auth_param: Some(token.authenticate(b"another")),
                pin_uv_auth_protocol: Some(token.protocol().number()),
                ..whole(&INITIAL)
            };
            ask(b, &request)?.is(0x33)
        },
    },
    Case {
        id: "au.lb.set-no-lbw",
        needs: &[Need::Fresh, Need::Is("largeBlobs"), Need::Is("pinUvAuthToken"), Need::Pin],
        sends: "a token without lbw",
        must: "0x33",
        run: |b| {
            let token = b.token(Permissions::MAKE_CREDENTIAL, Some(RP))?;
            let request = authorized(&token, whole(&INITIAL));
            ask(b, &request)?.is(0x33)
        },
    },
    Case {
        id: "au.lb.set-fragments",
        needs: GUARDED,
        sends: "an array in many fragments under one token",
        must: "0x00, and it reads back",
        run: fragments,
    },
    Case {
        id: "au.lb.set-power-cut",
        needs: &[
            Need::IsNot("alwaysUv"),
            Need::Fresh,
            Need::Is("largeBlobs"),
            Need::IsNot("uv"),
            Need::IsNot("clientPin"),
            Need::Replug,
        ],
        sends: "a replug between two fragments",
        must: "the old array",
        run: power_cut,
    },
    Case {
        id: "au.lb.key-stable",
        needs: &[Need::Fresh, Need::Is("largeBlobs"), Need::Extension("largeBlobKey"), Need::Is("rk")],
        sends: "largeBlobKey at registration, sign-in and credential management",
        must: "the same 32 bytes",
        run: key_stable,
    },
];

fn ask(b: &mut Bench<'_>, request: &Request) -> Result<Reply, Stop> {
    b.send(LB, &request.encode())
}

fn get(offset: i64) -> Request {
    Request { get: Some(64), offset: Some(offset), ..Default::default() }
}

fn read(b: &mut Bench<'_>) -> Result<Vec<u8>, Stop> {
    let body = ask(b, &Request { get: Some(512), offset: Some(0), ..Default::default() })?.ok()?;
    Ok(Response::parse(&body)?.config.unwrap_or_default())
}

fn whole(array: &[u8]) -> Request {
    Request {
        set: Some(array.to_vec()),
        offset: Some(0),
        length: i64::try_from(array.len()).ok(),
        ..Default::default()
    }
}

fn authorized(token: &Token, request: Request) -> Request {
    let fragment = request.set.clone().unwrap_or_default();
    let offset = usize::try_from(request.offset.unwrap_or(0)).unwrap_or(0);
    Request {
        pin_uv_auth_param: Some(token.authenticate(&authenticated(offset, &fragment))),
        pin_uv_auth_protocol: Some(token.protocol().number()),
        ..request
    }
}

/// An array with something in it.
fn filled() -> LargeBlobs {
    let mut element = vec![0x58, 200];
    element.extend([7; 200]);
    LargeBlobs { elements: vec![element.clone(), element] }
}

fn wrong_offset(b: &mut Bench<'_>) -> Done {
    let array = filled().serialize();
    let length = i64::try_from(array.len()).ok();
    ask(b, &Request { set: Some(array[..100].to_vec()), offset: Some(0), length, ..Default::default() })?.must(0x00)?;
    ask(b, &Request { set: Some(array[100..200].to_vec()), offset: Some(120), ..Default::default() })?.is(0x04)
}

fn bad_hash(b: &mut Bench<'_>) -> Done {
    let mut array = filled().serialize();
    if let Some(last) = array.last_mut() {
        *last ^= 1;
    }
    ask(b, &whole(&array))?.must(0x3d)?;
    let kept = read(b)?;
    Ok(Outcome::check(kept == INITIAL, "the old array", format!("{} bytes", kept.len())))
}

fn fragments(b: &mut Bench<'_>) -> Done {
    let (array, token) = (filled(), b.token(Permissions::LARGE_BLOB_WRITE, None)?);
    let bytes = array.serialize();
    for (index, part) in bytes.chunks(60).enumerate() {
        let request = Request {
            set: Some(part.to_vec()),
            offset: i64::try_from(index * 60).ok(),
            length: if index == 0 { i64::try_from(bytes.len()).ok() } else { None },
            ..Default::default()
        };
        ask(b, &authorized(&token, request))?.must(0x00)?;
    }
    let found = b.drive(blobs::read())?;
    Ok(Outcome::check(found == array, "what was written", format!("{} elements", found.elements.len())))
}

fn power_cut(b: &mut Bench<'_>) -> Done {
    let array = filled().serialize();
    let length = i64::try_from(array.len()).ok();
    ask(b, &Request { set: Some(array[..100].to_vec()), offset: Some(0), length, ..Default::default() })?.must(0x00)?;
    b.replug()?;
    let kept = read(b)?;
    Ok(Outcome::check(kept == INITIAL, "the old array", format!("{} bytes", kept.len())))
}

fn key_stable(b: &mut Bench<'_>) -> Done {
    let extensions = vec![("largeBlobKey".into(), true.into())];
    let request = make_credential::Request { extensions: extensions.clone(), ..b.resident(1) };
    let credential = b.made(request)?;
    let made = credential.response.large_blob_key.clone();
    let request = get_assertion::Request { extensions, ..b.request(&[&credential.id]) };
    let used = b.signed(&credential, &request)?.response.large_blob_key;
    if made != used || made.as_ref().is_none_or(|key| key.len() != 32) {
        return Err(Stop::fail("the same 32 bytes", "others"));
    }
    if b.info.option("credMgmt") != Some(true) {
        return Ok(Outcome::Pass);
    }
    b.set_pin()?;
    let parties = b.drive(credentials::list())?;
    let managed = parties.first().and_then(|party| party.credentials.first()?.large_blob_key.clone());
    Ok(Outcome::check(managed == made, "the same 32 bytes in credential management", "others"))
}
