//! Linux: keys are found in sysfs, and their nodes are files.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lab_hid::{Link, LinkError, PACKET, Packet};
use rustix::event::{PollFd, PollFlags, Timespec};

use super::{FIDO, Found, UsbError};
use crate::now;

/// Where the kernel lists the nodes, each with its HID device.
const NODES: &str = "/sys/class/hidraw";
/// The longest report descriptor that the kernel keeps.
const MAX_DESCRIPTOR: u64 = 4096;
/// The longest text about a device that is read.
const MAX_UEVENT: u64 = 4096;
/// How often a key that another program has is tried again, and how long it is waited in between.
const TRIES: (u32, Duration) = (20, Duration::from_millis(100));

pub(super) fn find() -> Result<Vec<Found>, UsbError> {
    let nodes = match fs::read_dir(NODES) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| UsbError::Enumeration(format!("{NODES}: {error}")))?,
    };
    let names = nodes.filter_map(|node| node.ok()?.file_name().into_string().ok());
    Ok(names.filter_map(|name| key(&name)).collect())
}

/// The key behind a node; `None` where it is something else, or was pulled out while it was looked at.
fn key(name: &str) -> Option<Found> {
    let device = Path::new(NODES).join(name).join("device");
    if !is_fido(&read(&device.join("report_descriptor"), MAX_DESCRIPTOR)?) {
        return None;
    }
    let uevent = String::from_utf8_lossy(&read(&device.join("uevent"), MAX_UEVENT)?).into_owned();
    Some(described(&uevent, Path::new("/dev").join(name)))
}

fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether a report descriptor begins with the usage page of FIDO (HID 1.11 §6.2.2.7: item 0x06, two bytes).
fn is_fido(descriptor: &[u8]) -> bool {
    let [low, high] = FIDO.to_le_bytes();
    descriptor.starts_with(&[0x06, low, high])
}

/// What the kernel says in a device's `uevent`: `HID_ID=0003:00001050:00000407`, `HID_NAME=...`, `HID_UNIQ=serial`.
/// What it does not say is zero or `None`.
#[must_use]
pub fn described(uevent: &str, path: PathBuf) -> Found {
    let value = |name: &str| {
        let lines = uevent.lines().filter_map(|line| line.split_once('='));
        let text = lines.filter(|(key, _)| *key == name).map(|(_, value)| value.trim()).next();
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let ids = value("HID_ID").unwrap_or_default();
    let id = |place| ids.split(':').nth(place).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or_default();
    Found {
        path,
        vendor_id: (id(1) & 0xffff) as u16,
        product_id: (id(2) & 0xffff) as u16,
        product: value("HID_NAME"),
        serial: value("HID_UNIQ"),
    }
}

/// A wire to a security key: blocking, with the system's clock.
///
/// It holds the lock that libfido2's programs respect, so that none of them talks into a ceremony.
#[derive(Debug)]
pub struct UsbLink {
    node: File,
}

impl UsbLink {
    /// Opens the key at a node.
    ///
    /// # Errors
    /// [`UsbError`].
    pub fn open(path: &Path) -> Result<Self, UsbError> {
        let refused = |why: std::io::Error| UsbError::Open { path: path.to_owned(), why: why.to_string() };
        if !path.exists() {
            return Err(UsbError::Absent(path.to_owned()));
        }
        let name = path.file_name().and_then(|name| name.to_str());
        if name.and_then(key).is_none_or(|found| found.path != path) {
            return Err(UsbError::NotFido(path.to_owned()));
        }
        let node = File::options().read(true).write(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => UsbError::NoPermission(path.to_owned()),
            ErrorKind::NotFound => UsbError::Absent(path.to_owned()),
            _ => refused(error),
        })?;
        let (tries, pause) = TRIES;
        for _ in 0..tries {
            match node.try_lock() {
                Ok(()) => return Ok(Self { node }),
                Err(TryLockError::WouldBlock) => sleep(pause),
                Err(TryLockError::Error(error)) => return Err(refused(error)),
            }
        }
        Err(UsbError::Busy(path.to_owned()))
    }
}

impl Link for UsbLink {
    fn now(&mut self) -> Timestamp {
        now()
    }

    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        // The number 0 goes before a report that has none (`hidraw`, the kernel's documentation).
        let mut report = [0; PACKET + 1];
        report[1..].copy_from_slice(packet);
        self.node.write_all(&report).map_err(gone)
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        let left = until.duration_since(now()).max(SignedDuration::ZERO);
        let timeout = Timespec { tv_sec: left.as_secs(), tv_nsec: left.subsec_nanos().into() };
        let mut ready = [PollFd::new(&self.node, PollFlags::IN)];
        let count = rustix::io::retry_on_intr(|| rustix::event::poll(&mut ready, Some(&timeout)));
        if count.map_err(|error| gone(error.into()))? == 0 {
            return Ok(None);
        }
        let mut report = [0; PACKET + 1];
        match self.node.read(&mut report).map_err(gone)? {
            PACKET => Ok(report.first_chunk().copied()),
            0 => Err(LinkError("it was pulled out".to_owned())),
            other => Err(LinkError(format!("it sent a report of {other} bytes, expected {PACKET}"))),
        }
    }
}

fn gone(error: std::io::Error) -> LinkError {
    // The kernel says ENODEV, or EIO where the device goes in the middle.
    let out = [rustix::io::Errno::NODEV, rustix::io::Errno::IO].map(rustix::io::Errno::raw_os_error);
    LinkError(match error.raw_os_error() {
        Some(code) if out.contains(&code) => "it was pulled out".to_owned(),
        _ => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fido_device_is_known_by_its_descriptor() {
        assert!(is_fido(&[0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01]));
        assert!(!is_fido(&[0x05, 0x01, 0x09, 0x06]));
        assert!(!is_fido(&[0x06, 0xd0]));
    }

    #[test]
    fn the_kernel_says_what_it_is() {
        let uevent = "DRIVER=hid-generic\nHID_ID=0003:00001050:00000407\nHID_NAME=Yubico YubiKey FIDO\n\
                      HID_PHYS=usb-1/input1\nHID_UNIQ=\n";
        let found = described(uevent, "/dev/hidraw3".into());
        assert_eq!((found.vendor_id, found.product_id), (0x1050, 0x0407));
        assert_eq!((found.product.as_deref(), found.serial), (Some("Yubico YubiKey FIDO"), None));
        assert_eq!(described("", "/dev/hidraw4".into()).vendor_id, 0);
    }

    #[test]
    fn what_is_no_key_is_not_opened() {
        assert_eq!(
            UsbLink::open(Path::new("/dev/no-such-node")).unwrap_err(),
            UsbError::Absent("/dev/no-such-node".into())
        );
        assert_eq!(UsbLink::open(Path::new("/dev/null")).unwrap_err(), UsbError::NotFido("/dev/null".into()));
    }
}
