//! Nothing of a PIN/UV session is in a transcript of it.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

use lab_client::pin_uv::Protocol;
use lab_client::transcript::{DeviceFacts, Own, Replay, Tape};
use lab_client::{Client, Pin, options};
use lab_protocol::{Device, DeviceError, Env, Message, Status};

use crate::pin_key::{PinKey, TOKEN};
use crate::scripted::*;

/// A key that the test can look into afterwards.
#[derive(Clone)]
struct Shared(Rc<RefCell<PinKey>>);

impl Device for Shared {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        self.0.borrow_mut().call(message, on_wait)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn create(device: &mut dyn Device, pin: &str, seed: u8) -> Vec<u8> {
    let options =
        options::creation_from_json(&creation(r#""extensions": {"prf": {"eval": {"first": "c2FsdA"}}}"#)).unwrap();
    let mut patience = |_| ControlFlow::Continue(());
    let mut knows = |_| Pin::new(pin).ok();
    let mut env = Env::honest(Counting(seed));
    let mut client = Client { device, env: &mut env, on_wait: &mut patience, on_pin: &mut knows };
    client.create(&options, &plugged_in()).unwrap().response.raw_id.0
}

/// Bytes that count up from one.
struct Counting(u8);

impl lab_protocol::Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

#[test]
fn no_key_token_ciphertext_or_mac_is_kept_and_a_replay_needs_none() {
    for protocol in [Protocol::One, Protocol::Two] {
        let key = Shared(Rc::new(RefCell::new(PinKey::new(
            protocol,
            "hunter2-and-more",
            &["clientPin", "rk", "pinUvAuthToken"],
        ))));
        let tape = Tape::new(("test", "0"), Own::default(), Box::new(|| jiff::Timestamp::UNIX_EPOCH));
        let mut recorder = tape.record(Box::new(key.clone()), DeviceFacts::default());
        let made = create(&mut recorder, "hunter2-and-more", 1);
        let text = tape.transcript().to_lines();
        let key = key.0.borrow();
        let mut secrets = vec![TOKEN.to_vec()];
        for request in &key.asked {
            let platform = request.key_agreement.iter().flat_map(|key| [key.x.clone(), key.y.clone()]);
            secrets.extend(platform.chain(request.pin_hash_enc.clone()).chain(request.pin_uv_auth_param.clone()));
        }
        secrets.extend(key.authorized.iter().filter_map(|(param, _)| param.clone()));
        assert!(secrets.len() >= 5, "{}", secrets.len());
        for secret in secrets {
            assert!(!text.contains(&hex(&secret)), "{}", hex(&secret));
            assert!(!text.contains(&hex(&secret[secret.len() - 16..])));
        }
        // Another client, another PIN, another ephemeral key.
        let mut replay = Replay::new(&tape.transcript(), None, &mut Counting(77));
        assert_eq!(create(&mut replay, "0000", 9), made);
        assert_eq!(replay.misses().first(), None);
    }
}
