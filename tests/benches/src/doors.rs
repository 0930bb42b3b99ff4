//! Keys behind doors.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use lab_authenticator::{Authenticator, models};
use lab_hid::HidDevice;
use lab_jobs::world::{Part, World};
use lab_links::{Address, Guarded, Hand, Notice, RpIds, Touch, Wire};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{Command, RpEntity, UserEntity, make_credential};
use lab_protocol::{Device, Env, Message};

use crate::Ceremony;

/// Batches of each side, after one that is thrown away.
const BATCHES: usize = 41;
/// Runs in a batch.
const RUNS: u32 = 50;

/// A whole ceremony over HID in memory, as a ratio to the same without it.
#[must_use]
pub fn hid_ratio() -> f64 {
    let (mut direct, mut hid) = (Ceremony::unseeded(), Ceremony::over_hid());
    let ratios = (0..=BATCHES).map(|_| time(|| hid.play()) / time(|| direct.play()));
    median(ratios.skip(1).collect())
}

/// Microseconds of getInfo and of makeCredential (ES256, packed, touch granted) over a unix socket.
#[must_use]
pub fn unix_socket() -> (f64, f64) {
    let path = std::env::temp_dir().join(format!("lab-bench-{}", std::process::id()));
    let address = Address::Unix(path);
    let (tell, told) = std::sync::mpsc::channel();
    let at = address.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let notify: lab_links::Notify = Arc::new(move |notice| _ = tell.send(notice));
        runtime.block_on(async {
            let engine = Guarded::new(key(), RpIds::default(), Arc::clone(&notify));
            let _key = lab_links::serve(engine, &at.clone().into(), Hand::new(Touch::On), &notify).unwrap();
            std::future::pending::<()>().await;
        });
    });
    assert_eq!(told.recv().unwrap(), Notice::Listening(address.clone()));
    let mut device = HidDevice::open(Wire::connect(&address).unwrap(), [1; 8]).unwrap();
    let mut one = |message: &[u8]| {
        let reply = device.call(Message::Cbor(message), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(reply[0], 0);
    };
    let creation = creation();
    let measure = |work: &mut dyn FnMut()| median((0..=BATCHES).map(|_| time(&mut *work)).skip(1).collect());
    let measured = (measure(&mut || one(&[Command::GET_INFO.0])), measure(&mut || one(&creation)));
    let Address::Unix(path) = address else { unreachable!() };
    let _ = std::fs::remove_file(path);
    measured
}

fn key() -> Authenticator {
    let world = World::unseeded([9; 32], now());
    let model = Arc::clone(models::find("yubikey-5-nfc").unwrap());
    let env = Env::honest(world.stream(Part::Authenticator));
    Authenticator::new(model, world.vendors(), world.backend(), env)
}

fn creation() -> Vec<u8> {
    let request = make_credential::Request {
        rp: RpEntity { id: "lab.test".into(), name: None },
        user: UserEntity { id: vec![1], name: Some("ada".into()), display_name: None },
        pub_key_cred_params: vec![("public-key".into(), Algorithm::ES256)],
        ..Default::default()
    };
    [&[Command::MAKE_CREDENTIAL.0][..], &request.encode()].concat()
}

fn now() -> jiff::Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Microseconds a run.
fn time(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..RUNS).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
