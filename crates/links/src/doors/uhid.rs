//! The kernel's uhid: the same packets, as a device that every program finds by itself.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lab_hid::Packet;
use rustix::fs::{Mode, OFlags};
use tokio::net::unix::pipe;
use tokio::sync::mpsc;

use super::{Connection, LONGEST, ROOM, client_id, connect};
use crate::key::{Handle, Word};
use crate::uhid::{self, Event, Identity};

const DEVICE: &str = "/dev/uhid";
/// The kernel's list of hidraw nodes.
const NODES: &str = "/sys/class/hidraw";
/// The kernel makes the node on its own time.
const APPEARS_WITHIN: Duration = Duration::from_secs(2);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Hidraw keeps 64 packets for a client that does not read, and drops what comes then: half as many are
/// handed out at once, and then at the pace of a slow real key, which sends one each four milliseconds. Only
/// messages beyond 1,800 bytes notice it, and a client on a starved machine keeps up.
const AT_ONCE: usize = 32;
/// How long these take.
const PAUSE: Duration = Duration::from_millis(128);

/// The kernel keeps 31 words for a program that does not read, and drops what comes then: so many more are
/// kept here, two of the longest messages.
const KEPT: usize = 2 * LONGEST;

/// A device that is plugged in.
pub(crate) struct Uhid {
    device: Device,
    ears: Ears,
    node: PathBuf,
}

impl Uhid {
    /// Plugs a device in, and waits until clients can find it.
    pub fn open(identity: &Identity) -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let device = Device(rustix::fs::open(DEVICE, flags, Mode::empty())?);
        let words = pipe::Receiver::from_owned_fd_unchecked(device.0.try_clone()?)?;
        let physical = format!("passkey-lab/{}/{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        device.say(&uhid::create(identity, &physical))?;
        let node = wait_for_node(&physical)?;
        Ok(Self { device, ears: Ears { words, heard: VecDeque::new() }, node })
    }

    /// Where clients find it: its hidraw node.
    pub fn node(&self) -> &Path {
        &self.node
    }

    pub async fn serve(mut self, key: &Handle) -> io::Error {
        loop {
            let served = match self.ears.hear().await {
                Ok(Event::Open) => self.serve_one(None, key).await,
                Ok(Event::Output(Some(packet))) => self.serve_one(Some(packet), key).await,
                Ok(event) => self.device.refuse(event),
                Err(error) => Err(error),
            };
            if let Err(error) = served {
                return error;
            }
        }
    }

    /// Serves whoever has it open, until nobody has. The kernel does not tell them apart, and each of them
    /// reads what all are answered.
    async fn serve_one(&mut self, mut first: Option<Packet>, key: &Handle) -> io::Result<()> {
        let Self { device, ears, .. } = self;
        let id = client_id();
        let (client, Connection { mut packets, room, dropped }) = connect();
        if !key.say(Word::Joined(id, client)).await {
            return Ok(());
        }
        let reads = async {
            loop {
                if let Some(packet) = first.take()
                    && (room.reserve_many(ROOM).await.is_err() || !key.say(Word::Packet(id, packet)).await)
                {
                    return Ok(());
                }
                match ears.hear().await? {
                    Event::Close => return Ok(()),
                    Event::Output(packet) => first = packet,
                    event => device.refuse(event)?,
                }
            }
        };
        let served = tokio::select! {
            result = reads => result,
            result = device.hand_out(&mut packets) => result,
            _ = dropped => Ok(()),
        };
        key.say(Word::Gone(id)).await;
        served
    }
}

/// What is said to the kernel. Dropped, the device is unplugged.
struct Device(OwnedFd);

impl Device {
    async fn hand_out(&self, packets: &mut mpsc::Receiver<Packet>) -> io::Result<()> {
        let mut batch = Vec::with_capacity(AT_ONCE);
        while packets.recv_many(&mut batch, AT_ONCE).await > 0 {
            for packet in &batch {
                self.say(&uhid::input(packet))?;
            }
            if batch.len() == AT_ONCE {
                tokio::time::sleep(PAUSE).await;
            }
            batch.clear();
        }
        Ok(())
    }

    /// A FIDO key has no reports but those two: who asks for others is told so, and need not wait.
    fn refuse(&self, event: Event) -> io::Result<()> {
        match event {
            Event::GetReport { id } => self.say(&uhid::refuse_to_get(id)),
            Event::SetReport { id } => self.say(&uhid::refuse_to_set(id)),
            _ => Ok(()),
        }
    }

    /// The kernel takes a word whole and at once.
    fn say(&self, word: &[u8]) -> io::Result<()> {
        rustix::io::retry_on_intr(|| rustix::io::write(&self.0, word))?;
        Ok(())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Closing it would do the same.
        let _ = self.say(&uhid::destroy());
    }
}

/// What the kernel says.
struct Ears {
    /// No pipe, but what tokio has for descriptors of one's own.
    words: pipe::Receiver,
    heard: VecDeque<Event>,
}

impl Ears {
    async fn hear(&mut self) -> io::Result<Event> {
        loop {
            self.drain()?;
            if let Some(event) = self.heard.pop_front() {
                return Ok(event);
            }
            self.words.readable().await?;
        }
    }

    /// Takes all that the kernel has, before anything is done about the first of it.
    fn drain(&mut self) -> io::Result<()> {
        let mut word = [0; uhid::LONGEST];
        while self.heard.len() < KEPT {
            match self.words.try_read(&mut word) {
                Ok(count) => {
                    let event = Event::read(&word[..count]);
                    self.heard.push_back(event.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn wait_for_node(physical: &str) -> io::Result<PathBuf> {
    let until = Instant::now() + APPEARS_WITHIN;
    loop {
        if let Some(node) = find_node(physical) {
            return Ok(node);
        }
        if Instant::now() > until {
            let why = format!("the kernel made the device, but {NODES} does not list it: it seems to have no hidraw");
            return Err(io::Error::new(io::ErrorKind::NotFound, why));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The hidraw node of the device that is plugged in at this place.
fn find_node(physical: &str) -> Option<PathBuf> {
    let line = format!("HID_PHYS={physical}");
    let is_it = |entry: &fs::DirEntry| {
        let facts = fs::read_to_string(entry.path().join("device/uevent")).unwrap_or_default();
        facts.lines().any(|found| found == line)
    };
    let found = fs::read_dir(NODES).ok()?.filter_map(Result::ok).find(is_it)?;
    Some(Path::new("/dev").join(found.file_name()))
}
