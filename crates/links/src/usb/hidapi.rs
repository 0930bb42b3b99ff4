//! What is not Linux: hidapi finds and opens keys. Nobody has tried this.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use hidapi::{HidApi, HidDevice, HidError};
use jiff::Timestamp;
use lab_hid::{Link, LinkError, PACKET, Packet};

use super::{CTAPHID, FIDO, Found, UsbError};
use crate::now;

fn api() -> Result<HidApi, UsbError> {
    HidApi::new().map_err(|error| UsbError::Enumeration(error.to_string()))
}

pub(super) fn find() -> Result<Vec<Found>, UsbError> {
    let text = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let api = api()?;
    let fido = api.device_list().filter(|info| (info.usage_page(), info.usage()) == (FIDO, CTAPHID));
    let key = |info: &hidapi::DeviceInfo| Found {
        path: PathBuf::from(info.path().to_string_lossy().into_owned()),
        vendor_id: info.vendor_id(),
        product_id: info.product_id(),
        product: text(info.product_string()),
        serial: text(info.serial_number()),
    };
    Ok(fido.map(key).collect())
}

/// A wire to a security key: blocking, with the system's clock.
pub struct UsbLink {
    device: HidDevice,
}

impl UsbLink {
    /// Opens the key at a node.
    ///
    /// # Errors
    /// [`UsbError`].
    pub fn open(path: &Path) -> Result<Self, UsbError> {
        let why = |error: &dyn std::fmt::Display| UsbError::Open { path: path.to_owned(), why: error.to_string() };
        if !find()?.iter().any(|found| found.path == path) {
            return Err(UsbError::NotFido(path.to_owned()));
        }
        let name = CString::new(path.to_string_lossy().into_owned()).map_err(|error| why(&error))?;
        let device = api()?.open_path(&name).map_err(|error| why(&error))?;
        Ok(Self { device })
    }
}

impl Link for UsbLink {
    fn now(&mut self) -> Timestamp {
        now()
    }

    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        // The number 0 goes before a report that has none.
        let mut report = [0; PACKET + 1];
        report[1..].copy_from_slice(packet);
        self.device.write(&report).map_err(gone).map(|_| ())
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        let left = until.duration_since(now()).as_millis().clamp(0, i32::MAX.into());
        let mut packet = [0; PACKET];
        match self.device.read_timeout(&mut packet, i32::try_from(left).unwrap_or(i32::MAX)).map_err(gone)? {
            0 => Ok(None),
            PACKET => Ok(Some(packet)),
            other => Err(LinkError(format!("it sent a report of {other} bytes, expected {PACKET}"))),
        }
    }
}

fn gone(error: HidError) -> LinkError {
    LinkError(format!("it was pulled out, or the system refuses: {error}"))
}

impl std::fmt::Debug for UsbLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UsbLink")
    }
}
