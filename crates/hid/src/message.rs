//! Messages as packets, and back: `ctap-2.2 §11.2.4`.

use crate::packet::{Channel, Command, FIRST, MAX_MESSAGE, NEXT, Packet, continuation, initialization};

/// A message that no number of packets carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a message of at most {MAX_MESSAGE} bytes, found {0}")]
pub struct TooLong(pub usize);

/// A message as packets, in order; unused bytes are zero.
///
/// # Errors
/// [`TooLong`].
pub fn split(channel: Channel, command: Command, message: &[u8]) -> Result<impl Iterator<Item = Packet>, TooLong> {
    let fits = u16::try_from(message.len()).ok().filter(|_| message.len() <= MAX_MESSAGE);
    let length = fits.ok_or(TooLong(message.len()))?;
    let (first, rest) = message.split_at(message.len().min(FIRST));
    let later = (0..).zip(rest.chunks(NEXT)).map(move |(sequence, data)| continuation(channel, sequence, data));
    Ok(std::iter::once(initialization(channel, command, length, first)).chain(later))
}

/// A message that is being put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assembler {
    length: usize,
    next: u8,
    data: Vec<u8>,
}

/// What a packet made of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assembled {
    /// More packets belong to it.
    Part(Assembler),
    /// The whole message.
    Whole(Vec<u8>),
}

impl Assembler {
    /// Starts a message of `length` bytes with the data of its first packet.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn start(length: u16, data: &[u8; FIRST]) -> Result<Assembled, TooLong> {
        let length = usize::from(length);
        if length > MAX_MESSAGE {
            return Err(TooLong(length));
        }
        Ok(Self { length, next: 0, data: Vec::with_capacity(length) }.take(data))
    }

    /// Adds the next packet; `None` where another one was expected.
    #[must_use]
    pub fn push(self, sequence: u8, data: &[u8; NEXT]) -> Option<Assembled> {
        (sequence == self.next).then(|| Self { next: self.next + 1, ..self }.take(data))
    }

    fn take(mut self, data: &[u8]) -> Assembled {
        let missing = self.length - self.data.len();
        self.data.extend(data.iter().take(missing));
        if self.data.len() == self.length { Assembled::Whole(self.data) } else { Assembled::Part(self) }
    }
}
