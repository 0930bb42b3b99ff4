//! Security keys of this machine, over USB HID.
//!
//! On Linux they are found in sysfs and opened as hidraw: files, without a library of the system. On macOS and
//! Windows hidapi finds and opens them, and nobody has tried that: macOS gives programs raw access to security
//! keys, Windows only to administrators. There the lab's browser page is the way to a real key.

mod device;
#[cfg(not(target_os = "linux"))]
#[path = "usb/hidapi.rs"]
mod system;
#[cfg(target_os = "linux")]
#[path = "usb/hidraw.rs"]
mod system;

use std::path::{Path, PathBuf};

pub use device::UsbDevice;
pub use system::UsbLink;
#[cfg(target_os = "linux")]
pub use system::described;

/// The usage page of FIDO devices (`ctap-2.2 §11.2.8.2`).
const FIDO: u16 = 0xf1d0;
/// The usage of CTAPHID on it.
#[cfg(not(target_os = "linux"))]
const CTAPHID: u16 = 0x01;

/// A security key that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its node, such as `/dev/hidraw3`.
    pub path: PathBuf,
    /// The USB vendor id.
    pub vendor_id: u16,
    /// The USB product id.
    pub product_id: u16,
    /// What it is called, where it says so.
    pub product: Option<String>,
    /// Its serial number, where it says so; most keys do not.
    pub serial: Option<String>,
}

/// Why there is no key to talk to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsbError {
    /// The system does not list its devices.
    #[error("the system does not list its HID devices: {0}")]
    Enumeration(String),
    /// No FIDO device is plugged in.
    #[error("there is no security key: no HID device of this machine has the usage page of FIDO (0xF1D0)")]
    NoKey,
    /// None of those that are plugged in is the one that was asked for.
    #[error("no security key has the serial number “{wanted}”; plugged in: {found}")]
    NoSerial {
        /// What was asked for.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// The device node is not for this user.
    #[error("{}: no permission to open it", .0.display())]
    NoPermission(PathBuf),
    /// There is no such node.
    #[error("{}: nothing is plugged in there", .0.display())]
    Absent(PathBuf),
    /// Something else is plugged in there.
    #[error("{}: it is no FIDO device (usage page 0xF1D0)", .0.display())]
    NotFido(PathBuf),
    /// Another program has it, or asks it something.
    #[error("{}: another program is using the key", .0.display())]
    Busy(PathBuf),
    /// Something plugged in that does not speak CTAPHID.
    #[error("{}: it does not answer as CTAPHID has it: {why}", path.display())]
    NoCtapHid {
        /// Its node.
        path: PathBuf,
        /// What it did instead.
        why: String,
    },
    /// The system refuses for another reason.
    #[error("{}: {why}", path.display())]
    Open {
        /// Its node.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl UsbError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoKey if cfg!(windows) => {
                "Windows gives raw access to security keys to administrators only: use the browser page of \
                 `passkey-lab serve`"
                    .to_owned()
            }
            Self::NoKey => "plug one in; `lsusb` shows whether the system sees it; in a virtual machine it has to be \
                 handed through"
                .to_owned(),
            Self::NoPermission(_) => format!(
                "put this line into /etc/udev/rules.d/70-passkey-lab.rules, be in the group plugdev, and plug the \
                 key in again: {UDEV_RULE}"
            ),
            Self::Absent(_) | Self::NotFido(_) | Self::NoSerial { .. } => {
                "`passkey-lab key list` shows the keys that are plugged in".to_owned()
            }
            Self::Busy(_) => {
                "close the dialog of the browser or the program that waits for the key, then try again".to_owned()
            }
            Self::NoCtapHid { .. } => "unplug the key, plug it in again, and try again".to_owned(),
            Self::Enumeration(_) | Self::Open { .. } => return None,
        })
    }
}

/// The udev rule that lets the users of a machine open security keys.
pub const UDEV_RULE: &str =
    r#"SUBSYSTEM=="hidraw", ENV{ID_FIDO_TOKEN}=="1", GROUP="plugdev", MODE="0660", TAG+="uaccess""#;

/// Every security key that is plugged in, by path.
///
/// # Errors
/// [`UsbError::Enumeration`].
pub fn find() -> Result<Vec<Found>, UsbError> {
    let mut found = system::find()?;
    found.sort_by_cached_key(|key| in_order(&key.path));
    Ok(found)
}

/// Paths in the order in which people count: hidraw9 before hidraw10.
fn in_order(path: &Path) -> (usize, PathBuf) {
    (path.as_os_str().len(), path.to_owned())
}

impl Found {
    /// What a person calls it.
    #[must_use]
    pub fn name(&self) -> String {
        self.product.clone().unwrap_or_else(|| format!("{:04x}:{:04x}", self.vendor_id, self.product_id))
    }
}

/// The one key with this serial number.
///
/// # Errors
/// There is none.
pub fn with_serial(serial: &str) -> Result<Found, UsbError> {
    let keys = find()?;
    if keys.is_empty() {
        return Err(UsbError::NoKey);
    }
    let serials: Vec<String> = keys
        .iter()
        .map(|key| format!("{} ({})", key.path.display(), key.serial.as_deref().unwrap_or("no serial number")))
        .collect();
    let missing = || UsbError::NoSerial { wanted: serial.to_owned(), found: serials.join(", ") };
    keys.into_iter().find(|key| key.serial.as_deref() == Some(serial)).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_in_the_order_of_their_numbers() {
        let mut paths = ["/dev/hidraw10", "/dev/hidraw2", "/dev/hidraw1"].map(|path| in_order(Path::new(path)));
        paths.sort();
        assert_eq!(
            paths.map(|(_, path)| path.display().to_string()),
            ["/dev/hidraw1", "/dev/hidraw2", "/dev/hidraw10"]
        );
    }

    #[test]
    fn each_failure_has_its_sentence_and_what_to_do() {
        let path = PathBuf::from("/dev/hidraw3");
        let no = UsbError::NoPermission(path.clone());
        assert_eq!(no.to_string(), "/dev/hidraw3: no permission to open it");
        assert!(no.hint().unwrap().ends_with(UDEV_RULE), "{no:?}");
        assert!(include_str!("../../../scripts/70-passkey-lab.rules").contains(UDEV_RULE));
        assert!(UsbError::Busy(path).hint().unwrap().contains("browser"));
        assert!(UsbError::NoKey.hint().is_some());
    }
}
