//! The commands, one a file, and the one way they print.

pub mod doctor;
pub mod jobs;
pub mod migrate;
pub mod serve;
pub mod verify_journal;

use std::io::Write;

use anyhow::Result;

/// Prints for the person at the terminal. A closed pipe is not an error worth a word.
pub fn print(text: impl std::fmt::Display) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Tells why a command failed, with its causes.
pub fn complain(error: &anyhow::Error) {
    let mut err = std::io::stderr().lock();
    // When even this cannot be written there is nobody left to tell.
    let _ = writeln!(err, "turnout: {error:#}");
}
