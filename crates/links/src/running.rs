//! A key that runs until somebody ends it, for a program without a runtime of its own.

use std::io;
use std::net::SocketAddr;

use lab_protocol::Engine;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::control;
use crate::guard::{Guarded, RpIds};
use crate::hand::Hand;
use crate::key::{Handle, Order};
use crate::notice::{Notice, Notify};
use crate::serve::{LinksError, Place, serve};
use crate::state::{Durable, StateFile};

/// How a key runs.
#[derive(Debug)]
pub struct Setup {
    /// Where clients find it, and as what.
    pub listen: Place,
    /// Who touches it.
    pub hand: Hand,
    /// Whom it answers.
    pub rp_ids: RpIds,
    /// Where its state is kept.
    pub state: Option<StateFile>,
    /// The control port and its token.
    pub control: Option<(SocketAddr, String)>,
}

/// A running key.
pub struct Running {
    runtime: Runtime,
    key: Handle,
    control: Option<SocketAddr>,
    notices: mpsc::UnboundedReceiver<Notice>,
    interrupt: Signal,
    terminate: Signal,
}

/// What happens while a key runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Something to tell.
    Notice(Notice),
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

/// Orders for a running key, from another thread.
#[derive(Clone)]
pub struct Orders(Handle);

impl Orders {
    /// Gives an order; false when the key is gone.
    #[must_use]
    pub fn give(&self, order: Order) -> bool {
        self.0.blocking_order(order).is_some()
    }
}

impl Running {
    /// Plugs a key in. Its address is the first notice.
    ///
    /// # Errors
    /// [`LinksError`].
    pub fn start<E: Engine + Send + 'static>(engine: E, setup: Setup) -> Result<Self, LinksError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(LinksError::Runtime)?;
        let (tell, notices) = mpsc::unbounded_channel();
        // Nobody listens any more when the program ends.
        let notify: Notify = std::sync::Arc::new(move |notice| _ = tell.send(notice));
        let entered = runtime.enter();
        let (interrupt, terminate) = signals().map_err(LinksError::Runtime)?;
        let Setup { listen, hand, rp_ids, state, control } = setup;
        let key = match state {
            Some(file) => {
                let durable = Durable::new(engine, file, notify.clone());
                serve(Guarded::new(durable, rp_ids, notify.clone()), &listen, hand, &notify)?
            }
            None => serve(Guarded::new(engine, rp_ids, notify.clone()), &listen, hand, &notify)?,
        };
        let control = control.map(|(at, token)| control::serve(at, &token, key.clone())).transpose()?;
        drop(entered);
        Ok(Self { runtime, key, control, notices, interrupt, terminate })
    }

    /// Where its control port is.
    #[must_use]
    pub const fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// A way to give it orders.
    #[must_use]
    pub fn orders(&self) -> Orders {
        Orders(self.key.clone())
    }

    /// Serves until something happens.
    pub fn happening(&mut self) -> Happening {
        let Self { runtime, notices, interrupt, terminate, .. } = self;
        runtime.block_on(async {
            tokio::select! {
                biased;
                Some(notice) = notices.recv() => Happening::Notice(notice),
                _ = interrupt.recv() => Happening::Interrupted,
                _ = terminate.recv() => Happening::Terminated,
            }
        })
    }
}

fn signals() -> io::Result<(Signal, Signal)> {
    Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
}
