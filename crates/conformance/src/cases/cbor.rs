//! CBOR parsing (`ctap-2.2 §8`, and the statuses that CTAP 2.3 recommends).

use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::ctap2::Command;

use crate::bench::Bench;
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

type Done = Result<Outcome, Stop>;

const MC: Command = Command::MAKE_CREDENTIAL;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.cbor.cmd-unknown",
        needs: &[],
        sends: "commands 0x3f and 0x00",
        must: "0x01",
        run: unknown_commands,
    },
    Case {
        id: "au.cbor.empty-map",
        needs: &[],
        sends: "makeCredential with an empty map",
        must: "0x14",
        run: |b| b.send(MC, &[0xa0])?.is_of(&[0x14], &[0x02, 0x11, 0x12]),
    },
    Case {
        id: "au.cbor.no-map",
        needs: &[],
        sends: "makeCredential without parameters",
        must: "0x14 or 0x12",
        run: |b| b.send(MC, &[])?.is_of(&[0x14, 0x12], &[0x11, 0x03]),
    },
    Case {
        id: "au.cbor.not-map",
        needs: &[],
        sends: "an array instead of a map",
        must: "0x11 (0x12 is seen)",
        run: |b| b.send(MC, &[0x80])?.is_of(&[0x11], &[0x12]),
    },
    Case {
        id: "au.cbor.trailing",
        needs: &[],
        sends: "a byte after the map",
        must: "0x12",
        run: |b| changed(b, |bytes| bytes.push(0)),
    },
    Case {
        id: "au.cbor.truncated",
        needs: &[],
        sends: "a map whose end is missing",
        must: "0x12",
        run: |b| changed(b, |bytes| bytes.truncate(bytes.len() - 3)),
    },
    Case {
        id: "au.cbor.indefinite",
        needs: &[],
        sends: "a map of indefinite length",
        must: "0x12",
        run: |b| changed(b, indefinite),
    },
    Case {
        id: "au.cbor.nonminimal",
        needs: &[],
        sends: "the key 1 in two bytes",
        must: "0x12",
        run: |b| changed(b, |bytes| _ = bytes.splice(1..2, [0x18, 0x01])),
    },
    Case {
        id: "au.cbor.order",
        needs: &[],
        sends: "keys that are not sorted",
        must: "0x12",
        run: |b| reordered(b, &[2, 1, 3, 4]),
    },
    Case { id: "au.cbor.dup", needs: &[], sends: "a key twice", must: "0x12", run: |b| reordered(b, &[1, 1, 2, 3, 4]) },
    Case {
        id: "au.cbor.tag",
        needs: &[],
        sends: "a tagged value",
        must: "0x12",
        run: |b| changed(b, |bytes| bytes.insert(2, 0xc1)),
    },
    Case { id: "au.cbor.depth-5", needs: &[], sends: "five levels", must: "0x12", run: deep },
    Case {
        id: "au.cbor.utf8",
        needs: &[],
        sends: "a text that is not UTF-8",
        must: "0x12 (some take it)",
        run: not_utf8,
    },
    Case {
        id: "au.cbor.unknown-key",
        needs: &[],
        sends: "makeCredential with the member 0x7f",
        must: "ignored",
        run: unknown_key,
    },
    Case {
        id: "au.cbor.big",
        needs: &[],
        sends: "a message of maxMsgSize, and one of a byte more",
        must: "read; 0x39 (0x03 is seen)",
        run: big,
    },
    Case {
        id: "au.cbor.response-canonical",
        needs: &[],
        sends: "getInfo, getKeyAgreement, makeCredential, getAssertion",
        must: "canonical replies",
        run: canonical_replies,
    },
    Case {
        id: "au.cbor.getinfo-body",
        needs: &[Need::Packets],
        sends: "getInfo with parameters",
        must: "read over, or an error",
        run: |b| b.send(Command::GET_INFO, &[0xa0])?.record(),
    },
];

fn unknown_commands(b: &mut Bench<'_>) -> Done {
    for command in [0x3f, 0x00] {
        b.send(Command(command), &[0xa0])?.must(0x01)?;
    }
    Ok(Outcome::Pass)
}

/// A request of makeCredential whose bytes are changed.
fn changed(b: &mut Bench<'_>, change: impl FnOnce(&mut Vec<u8>)) -> Done {
    let mut bytes = b.creation().encode();
    change(&mut bytes);
    b.send(MC, &bytes)?.is_of(&[0x12], &[0x11, 0x03])
}

fn indefinite(bytes: &mut Vec<u8>) {
    bytes[0] = 0xbf;
    bytes.push(0xff);
}

/// The parameters of makeCredential, in another order.
fn reordered(b: &mut Bench<'_>, keys: &[i64]) -> Done {
    let value = cbor::decode(&b.creation().encode(), Rules::CTAP2).map_err(|error| Stop::fail("CBOR", error))?;
    let members = value.into_map().unwrap_or_default();
    let mut writer = cbor::Writer::new();
    writer.map(keys.len());
    for key in keys {
        let (key, value) =
            members.iter().find(|(name, _)| *name == Value::from(*key)).ok_or_else(|| Stop::fail("a member", key))?;
        writer.raw(&cbor::encode(key)).raw(&cbor::encode(value));
    }
    b.send(MC, &writer.into_bytes())?.is_of(&[0x12], &[0x11])
}

fn deep(b: &mut Bench<'_>) -> Done {
    let mut request = b.creation();
    let nested = (0..4).fold(Value::from(1), |inner, _| Value::Array(vec![inner]));
    request.unknown.push((Value::from(0x7f), nested));
    b.make(&request)?.is_of(&[0x12], &[0x00])
}

fn not_utf8(b: &mut Bench<'_>) -> Done {
    let mut request = b.creation();
    request.user.display_name = Some("xxxx".to_owned());
    let mut bytes = request.encode();
    let at = bytes.windows(4).position(|window| window == b"xxxx").ok_or_else(|| Stop::fail("the name", "none"))?;
    bytes[at] = 0xff;
    b.send(MC, &bytes)?.is_of(&[0x12], &[0x00, 0x11])
}

fn unknown_key(b: &mut Bench<'_>) -> Done {
    let mut request = b.creation();
    request.unknown.push((Value::from(0x7f), Value::from(true)));
    b.made(request).map(|_| Outcome::Pass)
}

fn big(b: &mut Bench<'_>) -> Done {
    let size = usize::try_from(b.info.max_msg_size.unwrap_or(1024)).unwrap_or(1024);
    let padded = |b: &Bench<'_>, target: usize| {
        let mut request = b.creation();
        request.unknown.push((Value::from(0x7f), Value::Bytes(vec![0; target])));
        let over = request.encode().len() + 1 - target;
        request.unknown = vec![(Value::from(0x7f), Value::Bytes(vec![0; target - over]))];
        request
    };
    let fits = padded(b, size);
    if fits.encode().len() + 1 != size {
        return Err(Stop::not_applicable(format!("no request of exactly {size} bytes can be made")));
    }
    let reply = b.send(MC, &fits.encode())?;
    if matches!(reply.status.0, 0x39 | 0x03) {
        return Err(Stop::fail("a message that is read", reply.status));
    }
    if b.info.max_msg_size.is_none() {
        return Ok(Outcome::observe("it does not tell maxMsgSize"));
    }
    if size >= lab_hid::MAX_MESSAGE {
        return Ok(Outcome::observe("it takes as much as CTAPHID carries"));
    }
    let request = padded(b, size + 1);
    b.send(MC, &request.encode())?.is_of(&[0x39], &[0x03, 0x15])
}

fn canonical_replies(b: &mut Bench<'_>) -> Done {
    let rules = Rules { depth: 8, ..Rules::CTAP2 };
    let canonical = |name: &str, bytes: &[u8]| {
        cbor::decode(bytes, rules)
            .map(|_| ())
            .map_err(|error| Stop::fail(format!("a canonical reply to {name}"), error))
    };
    let info = b.send(Command::GET_INFO, &[])?.ok()?;
    canonical("getInfo", &info)?;
    if let Ok(protocol) = b.protocol() {
        let key_agreement = b.key_agreement_reply(protocol)?;
        canonical("getKeyAgreement", &key_agreement)?;
    }
    let credential = b.made(b.creation())?;
    canonical("makeCredential", &credential.reply)?;
    let request = b.request(&[&credential.id]);
    let reply = b.get(&request)?.ok()?;
    canonical("getAssertion", &reply)?;
    Ok(Outcome::Pass)
}
