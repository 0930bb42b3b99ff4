//! Somebody at a key of `authenticator run`, by way of its control port.

use std::thread;
use std::time::{Duration, Instant};

use lab_jobs::conformance::{Attendant, Behaviour};
use lab_links::{Address, Order, Remote, RemoteError, Wire};

/// How long a key may take to be there again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Somebody at the key at an address.
pub(super) struct AtControlPort {
    remote: Remote,
    address: Address,
}

impl AtControlPort {
    /// Asks the port how the key is, so that a wrong port or token is told at once.
    pub fn new(remote: Remote, address: Address) -> Result<Self, RemoteError> {
        remote.order(Order::Look)?;
        Ok(Self { remote, address })
    }

    fn orders(&self, orders: &[Order]) -> Result<(), String> {
        orders.iter().try_for_each(|order| self.remote.order(*order)).map_err(|error| error.to_string())
    }
}

impl Attendant<Wire> for AtControlPort {
    fn replug(&mut self) -> Result<Wire, String> {
        self.orders(&[Order::Power(false), Order::Power(true)])?;
        let begun = Instant::now();
        loop {
            match Wire::connect(&self.address) {
                Ok(wire) => return Ok(wire),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error.to_string()),
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    /// The port takes no order to decline or to tap beforehand.
    fn person(&mut self, behaviour: Behaviour) -> Result<bool, String> {
        let orders = match behaviour {
            Behaviour::Obliges => [Order::Touch(true), Order::Verify(true)],
            Behaviour::Absent => [Order::Touch(false), Order::Verify(true)],
            Behaviour::IsNotVerified => [Order::Touch(true), Order::Verify(false)],
            Behaviour::Declines | Behaviour::Taps => return Ok(false),
        };
        self.orders(&orders)?;
        Ok(true)
    }
}
