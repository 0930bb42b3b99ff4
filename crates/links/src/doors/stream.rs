//! A client on a stream of bytes.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Connection, ROOM, client_id, connect};
use crate::key::{Handle, Word};
use crate::report::Reports;

/// Packets that are written at once.
const BATCH: usize = 64;

/// Serves one client, that sent `first` already, until it or the key is gone.
pub(super) async fn serve(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    first: &[u8],
    key: &Handle,
) {
    let id = client_id();
    let (client, Connection { mut packets, room, dropped }) = connect();
    if !key.say(Word::Joined(id, client)).await {
        return;
    }
    let reads = async {
        let (mut reports, mut buffer) = (Reports::default(), [0; 4096]);
        reports.push(first);
        loop {
            while let Some(packet) = reports.next() {
                if room.reserve_many(ROOM).await.is_err() || !key.say(Word::Packet(id, packet)).await {
                    return;
                }
            }
            match from.read(&mut buffer).await {
                Ok(count @ 1..) => reports.push(&buffer[..count]),
                _ => return,
            }
        }
    };
    let writes = async {
        let mut batch = Vec::with_capacity(BATCH);
        while packets.recv_many(&mut batch, BATCH).await > 0 {
            if to.write_all(batch.as_flattened()).await.is_err() {
                return;
            }
            batch.clear();
        }
    };
    tokio::select! {
        () = reads => {}
        () = writes => {}
        _ = dropped => {}
    }
    key.say(Word::Gone(id)).await;
}
