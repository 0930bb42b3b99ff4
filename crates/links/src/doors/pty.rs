//! Pseudo-terminals: any client that takes a path of a hidraw node takes one of these, for libfido2
//! falls back to reports of 64 bytes where the HID ioctls fail.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab_hid::PACKET;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, QueueSelector, SpecialCodeIndex};
use tokio::net::unix::pipe;

use super::stream;
use crate::key::Handle;

/// How often it is looked for a client. The kernel does not tell of one that opens the other side.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The master's side; clients open the other by its path.
pub(crate) struct Pty {
    master: OwnedFd,
    path: PathBuf,
}

impl Pty {
    pub fn open() -> io::Result<Self> {
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        let path = rustix::pty::ptsname(&master, Vec::new())?;
        rustix::fs::fcntl_setfl(&master, OFlags::NONBLOCK)?;
        let pty = Self { master, path: OsString::from_vec(path.into_bytes()).into() };
        pty.make_raw()?;
        Ok(pty)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clients' side, for a moment.
    fn other_side(&self) -> io::Result<OwnedFd> {
        Ok(rustix::fs::open(&self.path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
    }

    /// Bytes as they are, and a read by a client waits for a whole report.
    fn make_raw(&self) -> io::Result<()> {
        let side = self.other_side()?;
        let mut settings = rustix::termios::tcgetattr(&side)?;
        settings.make_raw();
        settings.special_codes[SpecialCodeIndex::VMIN] = PACKET as u8;
        settings.special_codes[SpecialCodeIndex::VTIME] = 0;
        Ok(rustix::termios::tcsetattr(&side, OptionalActions::Now, &settings)?)
    }

    /// Drops what the client that is gone did not read, so that the next does not.
    fn drop_unread(&self) -> io::Result<()> {
        Ok(rustix::termios::tcflush(self.other_side()?, QueueSelector::IFlush)?)
    }

    pub async fn serve(self, key: &Handle) -> io::Error {
        loop {
            if let Err(error) = self.serve_one(key).await {
                return error;
            }
        }
    }

    /// Serves whoever has the other side open, until nobody has.
    async fn serve_one(&self, key: &Handle) -> io::Result<()> {
        let mut first = [0; 4096];
        let count = loop {
            match rustix::io::read(&self.master, &mut first) {
                Ok(count) => break count,
                Err(Errno::IO) => tokio::time::sleep(LOOK_EVERY).await,
                Err(Errno::AGAIN) => break 0,
                Err(error) => return Err(error.into()),
            }
        };
        // No pipes, but what tokio has for descriptors of one's own. Registered anew for each client: a
        // hang-up is remembered for ever.
        let reader = pipe::Receiver::from_owned_fd_unchecked(self.master.try_clone()?)?;
        let writer = pipe::Sender::from_owned_fd_unchecked(self.master.try_clone()?)?;
        stream::serve(reader, writer, &first[..count], key).await;
        self.drop_unread()
    }
}
