//! The client's side of a door.

use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use jiff::Timestamp;
use lab_hid::{Link, LinkError, Packet};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags};

use crate::address::Address;
use crate::now;
use crate::report::Reports;
use crate::serve::LinksError;
use crate::usb::UsbLink;

/// A wire to a key at an address: blocking, with the system's clock.
#[derive(Debug)]
pub struct Wire(Kind);

#[derive(Debug)]
enum Kind {
    Stream(Stream),
    Usb(UsbLink),
}

/// A stream of reports.
#[derive(Debug)]
struct Stream {
    end: OwnedFd,
    reports: Reports,
}

impl Wire {
    /// Connects to a key.
    ///
    /// # Errors
    /// [`LinksError`]: nobody listens there, or the address is none that a client connects to.
    pub fn connect(address: &Address) -> Result<Self, LinksError> {
        let end = match address {
            Address::Unix(path) => UnixStream::connect(path).map(OwnedFd::from),
            Address::Tcp(at) => TcpStream::connect(at).and_then(|stream| {
                stream.set_nodelay(true)?;
                Ok(stream.into())
            }),
            Address::Pty(Some(path)) => {
                let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
                rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)
            }
            Address::Hidraw(path) => return Ok(Self(Kind::Usb(UsbLink::open(path)?))),
            Address::Pty(None) | Address::Uhid => return Err(LinksError::NotATarget(address.clone())),
        };
        let end = end.map_err(|error| LinksError::Open { address: address.clone(), error })?;
        Ok(Self(Kind::Stream(Stream { end, reports: Reports::without_id() })))
    }
}

impl Link for Wire {
    fn now(&mut self) -> Timestamp {
        now()
    }

    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        match &mut self.0 {
            Kind::Stream(stream) => stream.send(packet),
            Kind::Usb(link) => link.send(packet),
        }
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        match &mut self.0 {
            Kind::Stream(stream) => stream.receive(until),
            Kind::Usb(link) => link.receive(until),
        }
    }
}

impl Stream {
    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        let mut rest = &packet[..];
        while !rest.is_empty() {
            let count = rustix::io::retry_on_intr(|| rustix::io::write(&self.end, rest)).map_err(gone)?;
            rest = &rest[count..];
        }
        Ok(())
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        loop {
            if let Some(packet) = self.reports.next() {
                return Ok(Some(packet));
            }
            let left = until.duration_since(now()).max(jiff::SignedDuration::ZERO);
            let timeout = Timespec { tv_sec: left.as_secs(), tv_nsec: left.subsec_nanos().into() };
            let mut ready = [PollFd::new(&self.end, PollFlags::IN)];
            let count = rustix::io::retry_on_intr(|| rustix::event::poll(&mut ready, Some(&timeout))).map_err(gone)?;
            if count == 0 {
                return Ok(None);
            }
            let mut buffer = [0; 4096];
            match rustix::io::retry_on_intr(|| rustix::io::read(&self.end, &mut buffer)).map_err(gone)? {
                0 => return Err(LinkError("it hung up".to_owned())),
                count => self.reports.push(&buffer[..count]),
            }
        }
    }
}

fn gone(error: rustix::io::Errno) -> LinkError {
    LinkError(io::Error::from(error).to_string())
}
