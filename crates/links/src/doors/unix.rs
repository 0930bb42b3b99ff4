//! Unix sockets.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use super::stream;
use crate::key::Handle;

pub(crate) struct Unix {
    listener: UnixListener,
    path: PathBuf,
}

impl Unix {
    pub fn open(path: &Path) -> io::Result<Self> {
        remove_leftover(path)?;
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub async fn serve(self, key: &Handle) -> io::Error {
        loop {
            match self.listener.accept().await {
                Ok((client, _)) => {
                    let (from, to) = client.into_split();
                    let key = key.clone();
                    tokio::spawn(async move { stream::serve(from, to, &[], &key).await });
                }
                Err(error) => return error,
            }
        }
    }
}

impl Drop for Unix {
    fn drop(&mut self) {
        // Somebody may have removed it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes the socket of a process that is gone, and nothing else.
fn remove_leftover(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(found) if !found.file_type().is_socket() => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is no socket"))
        }
        Ok(_) => match UnixStream::connect(path) {
            Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there")),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
            Err(error) => Err(error),
        },
    }
}
