//! The crate `ctaphid`, a client that nobody here wrote, at the device's end.

use std::borrow::Cow;
use std::cell::RefCell;
use std::time::Duration;

use ctaphid::error::{CommandError, Error, RequestError, ResponseError};
use ctaphid::types::{DeviceError, VendorCommand};
use ctaphid::{HidDevice, HidDeviceInfo, Options};
use jiff::SignedDuration;

use crate::packet::MAX_MESSAGE;
use crate::testing::*;
use crate::{Link as _, Loopback, Obliging};

#[derive(Debug)]
struct Info;

impl HidDeviceInfo for Info {
    fn vendor_id(&self) -> u16 {
        0x1209
    }

    fn product_id(&self) -> u16 {
        0xf1d0
    }

    fn path(&self) -> Cow<'_, str> {
        "loopback".into()
    }
}

struct Hidraw(RefCell<Loopback<Toy, Obliging>>);

impl HidDevice for Hidraw {
    type Info = Info;

    fn send(&self, data: &[u8]) -> Result<(), RequestError> {
        let [0, packet @ ..] = data else { panic!("no report id: {data:?}") };
        let sent = self.0.borrow_mut().send(packet.try_into().unwrap());
        sent.map_err(|error| RequestError::PacketSendingFailed(error.into()))
    }

    fn receive<'a>(&self, buffer: &'a mut [u8], within: Option<Duration>) -> Result<&'a [u8], ResponseError> {
        let mut link = self.0.borrow_mut();
        let until = link.now() + SignedDuration::try_from(within.unwrap()).unwrap();
        let packet = link.receive(until).unwrap().ok_or(ResponseError::Timeout)?;
        buffer[..64].copy_from_slice(&packet);
        Ok(&buffer[..64])
    }
}

fn client() -> ctaphid::Device<Hidraw> {
    let link = Loopback::new(Toy::default(), at(0), Obliging);
    let mut options = Options::new();
    options.nonce = [1, 2, 3, 4, 5, 6, 7, 8];
    options.timeout = Some(Duration::from_secs(1));
    ctaphid::Device::with_options(Hidraw(RefCell::new(link)), Info, options).unwrap()
}

#[test]
fn it_takes_the_device_for_what_it_is() {
    let client = client();
    assert_eq!(client.protocol_version(), 2);
    let version = client.device_version();
    assert_eq!((version.major, version.minor, version.build), (5, 7, 1));
    assert!(client.capabilities().has_wink() && client.capabilities().has_cbor() && client.capabilities().has_msg());
}

#[test]
fn its_messages_of_every_length_come_back() {
    let client = client();
    for length in [0, 1, 56, 57, 58, 115, 116, 117, 1024, MAX_MESSAGE - 1, MAX_MESSAGE] {
        let data: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0]).collect();
        client.ping(&data).unwrap_or_else(|error| panic!("{length}: {error:?}"));
    }
    assert_eq!(client.ctap2(ECHO, &[9; 3000]).unwrap(), [9; 3000]);
    assert_eq!(client.ctap1(&[0, 3, 0, 0]).unwrap(), [0, 3, 0, 0, 0x90, 0]);
    client.wink().unwrap();
    client.lock(Duration::from_secs(5)).unwrap();
}

#[test]
fn it_waits_through_keepalives_and_reads_errors() {
    let client = client();
    assert_eq!(client.ctap2(TOUCH, &[1, 2]).unwrap(), [1, 2]);
    assert!(matches!(client.ctap2(0x44, &[]), Err(Error::CommandError(CommandError::CborError(1)))));
    let refused = client.vendor_command(VendorCommand::H50, &[1]);
    let Err(Error::ResponseError(ResponseError::CommandFailed(error))) = refused else { panic!("{refused:?}") };
    assert_eq!(error, DeviceError::InvalidCommand);
}
