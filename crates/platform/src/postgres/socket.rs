//! Where the socket lies. Its path may be 107 bytes long on Linux and 103 elsewhere, so long data directories need another.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::ClusterError;
use super::account::{Account, Place};

/// Longest directory: 103 bytes of path, minus `/.s.PGSQL.5432` and the `.lock` beside it.
const DIRECTORY_BYTES_MAX: usize = 103 - 19;

/// The directory of the socket: the cluster's home where it is short enough, else a short one of the same user.
pub fn directory(account: &Account, place: &Place) -> Result<PathBuf, ClusterError> {
    if place.home.as_os_str().len() <= DIRECTORY_BYTES_MAX {
        return Ok(place.home.clone());
    }
    let directory = base().join(&place.name);
    account.own(&directory)?;
    let open = std::fs::symlink_metadata(&directory).map(|found| std::os::unix::fs::MetadataExt::mode(&found) & 0o077);
    match open {
        Ok(0) => Ok(directory),
        Ok(_) => Err(ClusterError::Socket { directory, reason: "others may enter it; remove it".to_owned() }),
        Err(error) => Err(ClusterError::Socket { directory, reason: error.to_string() }),
    }
}

fn base() -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let root = rustix::process::geteuid().is_root().then(|| PathBuf::from("/run"));
    let usable = |path: &PathBuf| path.is_absolute() && path.is_dir() && path.as_os_str().len() <= 40;
    root.or(runtime).filter(usable).unwrap_or_else(|| PathBuf::from("/tmp"))
}

/// The connection of one role through the socket.
pub fn options(directory: &Path, role: &str, database: &str) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass().socket(directory).port(5432).ssl_mode(PgSslMode::Disable);
    options.username(role).database(database)
}

/// The same as a URL.
pub fn url(directory: &Path, role: &str, database: &str) -> String {
    let host: String = directory.as_os_str().as_bytes().iter().map(|byte| percent_encoded(*byte)).collect();
    format!("postgres://{role}@localhost:5432/{database}?host={host}&sslmode=disable")
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_carries_any_directory() {
        let directory = Path::new("/srv/a b/ü&x=1");
        let url = url(directory, "turnout", "turnout");
        assert_eq!(
            url,
            "postgres://turnout@localhost:5432/turnout?host=%2Fsrv%2Fa%20b%2F%C3%BC%26x%3D1&sslmode=disable"
        );
        let read: PgConnectOptions = url.parse().unwrap();
        assert_eq!(read.get_socket().unwrap(), directory);
        assert_eq!((read.get_username(), read.get_database()), ("turnout", Some("turnout")));
    }
}
