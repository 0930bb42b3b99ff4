//! TCP, on loopback only.

use std::io;
use std::net::{SocketAddr, TcpListener as Std};

use tokio::net::TcpListener;

use super::stream;
use crate::key::Handle;

pub(crate) struct Tcp {
    listener: TcpListener,
    address: SocketAddr,
}

impl Tcp {
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let listener = Std::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener: TcpListener::from_std(listener)?, address })
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn serve(self, key: &Handle) -> io::Error {
        loop {
            match self.listener.accept().await {
                Ok((client, _)) => {
                    // Packets are small and answered one by one.
                    let _ = client.set_nodelay(true);
                    let (from, to) = client.into_split();
                    let key = key.clone();
                    tokio::spawn(async move { stream::serve(from, to, &[], &key).await });
                }
                Err(error) => return error,
            }
        }
    }
}
