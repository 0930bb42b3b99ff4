//! A key that other programs of the machine use too.

use std::ops::ControlFlow;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use lab_hid::{ErrorCode, HidDevice, HidError, Link, Opened};
use lab_protocol::{Device, DeviceError, Message, Status};

use super::UsbError;

/// How often a key that is busy with somebody else is asked again, and how long it is waited in between.
const TRIES: (u32, Duration) = (25, Duration::from_millis(200));

/// A key on a wire that is shared: while it is busy with another program, it is asked again.
#[derive(Debug)]
pub struct UsbDevice<L> {
    device: HidDevice<L>,
}

impl<L: Link> UsbDevice<L> {
    /// Asks for a channel with a random `nonce`.
    ///
    /// # Errors
    /// The key is busy for too long, or does not answer as CTAPHID has it.
    pub fn open(mut link: L, path: &Path, nonce: [u8; 8]) -> Result<Self, UsbError> {
        let (tries, pause) = TRIES;
        for _ in 0..tries {
            match HidDevice::open(&mut link, nonce).map(|device| *device.opened()) {
                Ok(opened) => return Ok(Self { device: HidDevice::on(link, opened) }),
                Err(HidError::Error(ErrorCode::CHANNEL_BUSY)) => sleep(pause),
                Err(HidError::Gone(_)) => return Err(UsbError::Absent(path.to_owned())),
                Err(other) => return Err(UsbError::NoCtapHid { path: path.to_owned(), why: other.to_string() }),
            }
        }
        Err(UsbError::Busy(path.to_owned()))
    }

    /// What the key said in CTAPHID_INIT.
    pub const fn opened(&self) -> &Opened {
        self.device.opened()
    }
}

impl<L: Link> Device for UsbDevice<L> {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let (tries, pause) = TRIES;
        for _ in 1..tries {
            match self.device.call(message, on_wait) {
                // It did not begin with this message.
                Err(DeviceError::Busy) => sleep(pause),
                other => return other,
            }
        }
        self.device.call(message, on_wait)
    }
}
