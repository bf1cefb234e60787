//! One owner at a time: a lock that the kernel frees when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use super::{ClusterError, io};

/// The data directory is ours as long as this value lives.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes the lock, or says who holds it.
    pub fn take(directory: &Path) -> Result<Self, ClusterError> {
        let path = directory.join("postgresql.lock");
        let failed = || io(format!("{} cannot be used", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed())?;
                let holder = holder.trim();
                let holder = if holder.is_empty() { "another turnout" } else { holder }.to_owned();
                return Err(ClusterError::Held { directory: directory.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed()(error)),
        }
        let host = rustix::system::uname();
        let line = format!("turnout, process {} on {}\n", std::process::id(), host.nodename().to_string_lossy());
        file.set_len(0).and_then(|()| file.write_all(line.as_bytes())).map_err(failed())?;
        Ok(Self(file))
    }
}
