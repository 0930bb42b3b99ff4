//! setPIN and changePIN (`ctap-2.2 §6.5.5.5, §6.5.5.6`).

use lab_client::pin_uv::Protocol;

use super::{Done, SET, UNSET, change, force, padded};
use crate::bench::{Bench, OTHER_PIN, PIN};
use crate::case::{Case, Need};
use crate::outcome::Outcome;

const FORCED: &[Need] = &[Need::Fresh, Need::Is("setMinPINLength"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.pin.set-ok",
        needs: UNSET,
        sends: "setPIN",
        must: "0x00, clientPin true",
        run: |b| {
            b.set_pin()?;
            Ok(Outcome::check(b.info.option("clientPin") == Some(true), "clientPin true", "false"))
        },
    },
    Case {
        id: "au.pin.set-twice",
        needs: SET,
        sends: "setPIN where one is set",
        must: "0x33",
        run: |b| set(b, &padded(PIN), &[0x33]),
    },
    Case {
        id: "au.pin.set-short",
        needs: UNSET,
        sends: "a PIN of three characters",
        must: "0x37",
        run: |b| set(b, &padded("123"), &[0x37]),
    },
    Case {
        id: "au.pin.set-short-utf8",
        needs: UNSET,
        sends: "a PIN of three characters and twelve bytes",
        must: "0x37",
        run: |b| set(b, &padded("🔑🔑🔑"), &[0x37]),
    },
    Case {
        id: "au.pin.set-63",
        needs: UNSET,
        sends: "a PIN of 63 bytes",
        must: "0x00",
        run: |b| set(b, &padded(&"x".repeat(63)), &[0x00]),
    },
    Case {
        id: "au.pin.set-64",
        needs: UNSET,
        sends: "a PIN of 64 bytes",
        must: "0x37",
        run: |b| set(b, &padded(&"1234567890abcdef".repeat(4)), &[0x37]),
    },
    Case {
        id: "au.pin.set-len-not-64",
        needs: UNSET,
        sends: "a PIN padded to 48 and to 80 bytes",
        must: "0x02",
        run: wrong_padding,
    },
    Case {
        id: "au.pin.set-no-zero-end",
        needs: UNSET,
        sends: "64 bytes without a zero",
        must: "0x37",
        run: |b| set(b, &[0xff; 64], &[0x37]),
    },
    Case {
        id: "au.pin.set-bad-mac",
        needs: UNSET,
        sends: "setPIN with a wrong pinUvAuthParam",
        must: "0x33",
        run: set_bad_mac,
    },
    Case { id: "au.pin.change-ok", needs: SET, sends: "changePIN", must: "0x00; the new one works", run: change_ok },
    Case {
        id: "au.pin.change-no-pin",
        needs: UNSET,
        sends: "changePIN where none is set",
        must: "0x35 (0x36 is seen)",
        run: change_unset,
    },
    Case {
        id: "au.pin.change-same-forced",
        needs: FORCED,
        sends: "forceChangePin, then the same PIN again",
        must: "0x37",
        run: |b| {
            force(b)?;
            let agreement = b.agree()?;
            let request = b.change_request(&agreement, PIN, PIN)?;
            b.client_pin(&request)?.is(0x37)
        },
    },
];

fn set(b: &mut Bench<'_>, padded: &[u8], expected: &[u8]) -> Done {
    let agreement = b.agree()?;
    let request = b.set_request(&agreement, padded);
    b.client_pin(&request)?.is_of(expected, &[])
}

fn wrong_padding(b: &mut Bench<'_>) -> Done {
    for length in [48, 80] {
        let mut padded = PIN.as_bytes().to_vec();
        padded.resize(length, 0);
        let agreement = b.agree()?;
        let request = b.set_request(&agreement, &padded);
        b.client_pin(&request)?.is_of(&[0x02], &[0x37, 0x03, 0x33])?;
    }
    Ok(Outcome::Pass)
}

fn set_bad_mac(b: &mut Bench<'_>) -> Done {
    let agreement = b.agree()?;
    let mut request = b.set_request(&agreement, &padded(PIN));
    request.pin_uv_auth_param = Some(agreement.secret.authenticate(b"another message"));
    b.client_pin(&request)?.is(0x33)
}

fn change_ok(b: &mut Bench<'_>) -> Done {
    for protocol in [Protocol::One, Protocol::Two] {
        let Ok(protocol) = b.with_protocol(protocol) else { continue };
        for (current, new) in [(PIN, OTHER_PIN), (OTHER_PIN, PIN)] {
            let agreement = b.agree_by(protocol)?;
            let request = b.change_request(&agreement, current, new)?;
            b.client_pin(&request)?.must(0x00)?;
        }
    }
    b.try_pin(PIN)?.is(0x00)
}

fn change_unset(b: &mut Bench<'_>) -> Done {
    change(b, OTHER_PIN, PIN)?.is_of(&[0x35], &[0x36, 0x31, 0x33])
}
