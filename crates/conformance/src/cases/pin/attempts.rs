//! Attempts: how many there are, what uses them up, what gives them back.

use lab_client::manage;
use lab_protocol::ctap2::client_pin::{Request, SubCommand};

use super::{Done, SET, UNSET, change};
use crate::bench::{Bench, OTHER_PIN, PIN};
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};

const REPLUGGED: &[Need] = &[Need::Fresh, Need::Replug, Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "au.pin.retries-initial",
        needs: UNSET,
        sends: "getPINRetries",
        must: "8 (0x35 is seen before a PIN is set)",
        run: initial_retries,
    },
    Case {
        id: "au.pin.change-wrong",
        needs: SET,
        sends: "changePIN with a wrong PIN",
        must: "0x31, 7 attempts left",
        run: change_wrong,
    },
    Case { id: "au.pin.token-wrong", needs: SET, sends: "a wrong PIN", must: "0x31, 7 attempts left", run: wrong_once },
    Case {
        id: "au.pin.token-wrong-3",
        needs: REPLUGGED,
        sends: "three wrong PINs, then the right one, and changePIN",
        must: "0x31, 0x31, 0x34, 5 attempts left; 0x34 twice",
        run: wrong_thrice,
    },
    Case {
        id: "au.pin.token-replug",
        needs: REPLUGGED,
        sends: "three wrong PINs, a replug, the right one",
        must: "5 attempts left, 0x00",
        run: wrong_and_replugged,
    },
    Case {
        id: "au.pin.token-right-resets",
        needs: SET,
        sends: "a wrong PIN, then the right one",
        must: "8 attempts left",
        run: right_resets,
    },
    Case {
        id: "au.pin.blocked",
        needs: REPLUGGED,
        sends: "eight wrong PINs, then a token and changePIN by the right one",
        must: "0x32, no attempt left; 0x32 twice",
        run: blocked,
    },
    Case {
        id: "au.pin.blocked-reset",
        needs: &[Need::Fresh, Need::Resets, Need::Replug, Need::Pin],
        sends: "eight wrong PINs, then reset and setPIN",
        must: "0x00 twice, 8 attempts left",
        run: reset_after_block,
    },
    Case {
        id: "au.pin.decrement-first",
        needs: REPLUGGED,
        sends: "a wrong PIN, a replug at once",
        must: "7 attempts left",
        run: |b| {
            b.try_pin(OTHER_PIN)?;
            b.replug()?;
            let found = b.pin_retries()?;
            Ok(Outcome::check(found == 7, 7, found))
        },
    },
    Case {
        id: "au.pin.token-no-pin",
        needs: UNSET,
        sends: "a token where no PIN is set",
        must: "0x35 (0x36 is seen)",
        run: |b| b.try_pin(PIN)?.is_of(&[0x35], &[0x36, 0x33]),
    },
];

fn initial_retries(b: &mut Bench<'_>) -> Done {
    let protocol = Some(b.protocol()?.number());
    let sub_command = SubCommand::GET_PIN_RETRIES;
    let reply = b.client_pin(&Request { pin_uv_auth_protocol: protocol, sub_command, ..Default::default() })?;
    if reply.is_of(&[0x00], &[0x35])? != Outcome::Pass {
        return reply.record();
    }
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 8, 8, found))
}

fn change_wrong(b: &mut Bench<'_>) -> Done {
    change(b, OTHER_PIN, "161803")?.must(0x31)?;
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 7, 7, found))
}

fn wrong_once(b: &mut Bench<'_>) -> Done {
    b.try_pin(OTHER_PIN)?.must(0x31)?;
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 7, 7, found))
}

fn three_wrong(b: &mut Bench<'_>) -> Result<(), Stop> {
    for expected in [0x31, 0x31, 0x34] {
        b.try_pin(OTHER_PIN)?.must(expected)?;
    }
    Ok(())
}

fn wrong_thrice(b: &mut Bench<'_>) -> Done {
    three_wrong(b)?;
    let found = b.pin_retries()?;
    if found != 5 {
        return Err(Stop::fail(5, found));
    }
    b.try_pin(PIN)?.must(0x34)?;
    let outcome = change(b, PIN, OTHER_PIN)?.is(0x34);
    b.replug()?;
    outcome
}

fn wrong_and_replugged(b: &mut Bench<'_>) -> Done {
    three_wrong(b)?;
    b.replug()?;
    let found = b.pin_retries()?;
    if found != 5 {
        return Err(Stop::fail(5, found));
    }
    b.try_pin(PIN)?.is(0x00)
}

fn right_resets(b: &mut Bench<'_>) -> Done {
    b.try_pin(OTHER_PIN)?.must(0x31)?;
    b.try_pin(PIN)?.must(0x00)?;
    let found = b.pin_retries()?;
    Ok(Outcome::check(found == 8, 8, found))
}

/// Uses up the attempts; a replug comes after every third, and after the last.
fn use_up(b: &mut Bench<'_>) -> Result<(), Stop> {
    let mut last = 0x31;
    for attempt in 1..=8 {
        last = b.try_pin(OTHER_PIN)?.status.0;
        if attempt % 3 == 0 {
            b.replug()?;
        }
    }
    if last != 0x32 {
        return Err(Stop::fail("CTAP2_ERR_PIN_BLOCKED (0x32)", format!("0x{last:02x}")));
    }
    b.replug()
}

fn blocked(b: &mut Bench<'_>) -> Done {
    use_up(b)?;
    let left = b.pin_retries()?;
    if left != 0 {
        return Err(Stop::fail("no attempt left", left));
    }
    b.try_pin(PIN)?.must(0x32)?;
    change(b, PIN, OTHER_PIN)?.is(0x32)
}

fn reset_after_block(b: &mut Bench<'_>) -> Done {
    use_up(b)?;
    b.drive(manage::reset())?;
    b.drive(manage::pin::set(crate::bench::pin(OTHER_PIN)?))?;
    let left = b.pin_retries()?;
    Ok(Outcome::check(left == 8, 8, left))
}
