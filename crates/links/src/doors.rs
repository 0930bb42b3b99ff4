//! What clients come through.

mod pty;
mod stream;
mod tcp;
mod uhid;
mod unix;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use lab_hid::Packet;
use tokio::sync::{mpsc, oneshot};

use crate::address::Address;
use crate::key::{Handle, QUEUE};
use crate::serve::LinksError;
use crate::uhid::Identity;

/// Packets of the longest message.
const LONGEST: usize = 129;
/// Packets that a client may leave unread.
const UNREAD: usize = 8192;
/// A door reads from a client only while there is room for the answers to all that waits for the key.
const ROOM: usize = (QUEUE + 2) * LONGEST;

/// A client, as its key knows it: dropped, it ends the connection.
pub(crate) struct Client {
    packets: mpsc::Sender<Packet>,
    _connected: oneshot::Sender<()>,
}

impl Client {
    /// Hands it a packet; false where it never reads.
    pub fn take(&self, packet: &Packet) -> bool {
        self.packets.try_send(*packet).is_ok()
    }
}

/// A client's side of the same.
struct Connection {
    packets: mpsc::Receiver<Packet>,
    room: mpsc::Sender<Packet>,
    dropped: oneshot::Receiver<()>,
}

fn connect() -> (Client, Connection) {
    let (sender, packets) = mpsc::channel(UNREAD);
    let (connected, dropped) = oneshot::channel();
    let room = sender.clone();
    (Client { packets: sender, _connected: connected }, Connection { packets, room, dropped })
}

/// A number that no other client of this process has.
fn client_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An open door.
pub(crate) enum Door {
    Pty(pty::Pty),
    Unix(unix::Unix),
    Tcp(tcp::Tcp),
    Uhid(uhid::Uhid),
}

impl Door {
    /// Opens a door. Its address is where clients find it.
    pub fn open(address: &Address, identity: &Identity) -> Result<Self, LinksError> {
        let failed = |error: io::Error| LinksError::Open { address: address.clone(), error };
        match address {
            Address::Pty(None) => Ok(Self::Pty(pty::Pty::open().map_err(failed)?)),
            Address::Unix(path) => Ok(Self::Unix(unix::Unix::open(path).map_err(failed)?)),
            Address::Tcp(at) => Ok(Self::Tcp(tcp::Tcp::open(*at).map_err(failed)?)),
            Address::Uhid => Ok(Self::Uhid(uhid::Uhid::open(identity).map_err(failed)?)),
            Address::Pty(Some(_)) | Address::Hidraw(_) => Err(LinksError::NotADoor(address.clone())),
        }
    }

    /// Where clients find it.
    pub fn address(&self) -> Address {
        match self {
            Self::Pty(pty) => Address::Pty(Some(pty.path().to_owned())),
            Self::Unix(unix) => Address::Unix(unix.path().to_owned()),
            Self::Tcp(tcp) => Address::Tcp(tcp.address()),
            Self::Uhid(uhid) => Address::Hidraw(uhid.node().to_owned()),
        }
    }

    /// Serves clients until it is dropped.
    pub async fn serve(self, key: &Handle) -> io::Error {
        match self {
            Self::Pty(pty) => pty.serve(key).await,
            Self::Unix(unix) => unix.serve(key).await,
            Self::Tcp(tcp) => tcp.serve(key).await,
            Self::Uhid(uhid) => uhid.serve(key).await,
        }
    }
}
