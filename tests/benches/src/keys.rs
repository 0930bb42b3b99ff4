//! Many emulated keys, and the memory that the process has.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_authenticator::{Authenticator, models};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{Command, RpEntity, UserEntity, make_credential};
use lab_protocol::{Env, Event, Message, Random, Step};

/// Bytes that differ from key to key.
struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            chunk.iter_mut().zip(self.0.to_be_bytes()).for_each(|(to, from)| *to = from);
        }
    }
}

fn vendors() -> Arc<Vendors> {
    static VENDORS: OnceLock<Arc<Vendors>> = OnceLock::new();
    let make = || {
        let options = VendorsOptions {
            backend: Backend::Fast,
            seeded: false,
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::MAX,
        };
        Arc::new(Vendors::new(options, &mut Counting(1)))
    };
    Arc::clone(VENDORS.get_or_init(make))
}

/// A YubiKey 5 NFC with so many discoverable credentials.
///
/// # Panics
/// Where it refuses a registration.
#[must_use]
pub fn set_up(nth: u32, credentials: u8) -> Authenticator {
    let model = models::find("yubikey-5-nfc").expect("it is built in");
    let env = Env::honest(Counting(u64::from(nth) + 1));
    let mut key = Authenticator::new(Arc::clone(model), vendors(), Backend::Fast, env);
    for user in 0..credentials {
        register(&mut key, user);
    }
    key
}

fn register(key: &mut Authenticator, user: u8) {
    let request = make_credential::Request {
        rp: RpEntity { id: "login.example.test".to_owned(), name: None },
        user: UserEntity { id: vec![user; 51], name: Some("alex@example.test".to_owned()), display_name: None },
        pub_key_cred_params: vec![("public-key".to_owned(), Algorithm::ES256)],
        options: vec![("rk".to_owned(), true)],
        ..Default::default()
    };
    let message = [&[Command::MAKE_CREDENTIAL.0][..], &request.encode()].concat();
    let now = Timestamp::UNIX_EPOCH;
    key.start(Message::Cbor(&message), now);
    let step = key.event(Event::Touch, now);
    assert!(matches!(step, Step::Done(reply) if reply[0] == 0), "it refuses");
}

/// The memory of this process that is in use, in kB; 0 where the system does not say.
#[must_use]
pub fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
