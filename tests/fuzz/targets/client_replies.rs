//! Any replies to whatever a client can be doing: every machine ends, and none panics.
#![no_main]

use lab_client::manage::{self, config, credentials, fingerprints};
use lab_client::{Machine, Next, Pin, large_blobs};
use lab_protocol::ctap2::{StatusCode, get_info, reply};
use lab_protocol::{Env, Random};

/// More steps than any machine takes with replies this short.
const STEPS: usize = 2000;

struct Sevens;

impl Random for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A key that has everything, so that every machine gets past getInfo.
fn everything() -> Vec<u8> {
    let options = ["rk", "uv", "clientPin", "pinUvAuthToken", "credMgmt", "bioEnroll", "authnrCfg", "largeBlobs"];
    let info = get_info::Response {
        versions: vec!["FIDO_2_1".into()],
        options: options.iter().map(|name| ((*name).into(), true)).collect(),
        ..Default::default()
    };
    reply(StatusCode::OK, &info.encode())
}

fn drive<M: Machine>(mut machine: M, replies: &[&[u8]]) {
    let env = &mut Env::honest(Sevens);
    let (mut next, mut pins) = (machine.start(env), 0);
    let first = everything();
    let all = std::iter::once(&first[..]).chain(replies.iter().copied().cycle());
    for answer in all.take(STEPS) {
        next = match next {
            Next::Send(_) => machine.resume(answer, env),
            Next::NeedPin(_) => {
                pins += 1;
                machine.pin(Pin::new("2468").ok().filter(|_| pins < 4), env)
            }
            Next::Done(_) => return,
        };
    }
    assert!(matches!(next, Next::Done(_)), "it goes on for ever");
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let replies: Vec<&[u8]> = rest.split(|byte| *byte == 0xfe).collect();
    match which % 7 {
        0 => drive(manage::pin::state(), &replies),
        1 => drive(credentials::metadata(), &replies),
        2 => drive(credentials::list(), &replies),
        3 => drive(config::toggle_always_uv(), &replies),
        4 => drive(fingerprints::list(), &replies),
        5 => drive(fingerprints::enroll(None), &replies),
        _ => drive(large_blobs::read(), &replies),
    }
});
