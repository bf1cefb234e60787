//! Which processes belong to a cluster. A postmaster and its children work in the cluster's directory.

use std::path::Path;

use rustix::process::{Pid, test_kill_process};

use super::account::Place;

/// What a look through the process table found.
#[derive(Debug, Default)]
pub struct Scan {
    /// Processes of the cluster.
    pub members: Vec<Pid>,
    /// False when a PostgreSQL process could not be told apart (no /proc, or not allowed to look): nothing may be
    /// concluded from an empty list then.
    pub is_complete: bool,
}

/// All processes of the cluster: those that work in its directory, or bear its name in their title. The title is open to
/// all; the directory of another user's process is closed to root in a container without CAP_SYS_PTRACE.
pub fn members(place: &Place) -> Scan {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Scan::default() };
    let mut scan = Scan { members: Vec::new(), is_complete: true };
    let title = format!("postgres: {}: ", place.name);
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else {
            continue;
        };
        let bears_name =
            || std::fs::read(process.path().join("cmdline")).is_ok_and(|line| line.starts_with(title.as_bytes()));
        match std::fs::read_link(process.path().join("cwd")) {
            Ok(directory) if directory == place.data => scan.members.push(pid),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                if bears_name() {
                    scan.members.push(pid);
                } else {
                    let program = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                    scan.is_complete &= program.trim() != "postgres";
                }
            }
            Err(_) => {} // it has ended
        }
    }
    scan
}

/// True when this process is the live postmaster of the cluster. A number that went to another process, or a finished
/// one that nobody has collected yet, is not.
pub fn is_postmaster(pid: Pid, data: &Path) -> bool {
    if !Path::new("/proc/self").exists() {
        return test_kill_process(pid).is_ok();
    }
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    match std::fs::read_link(process.join("cwd")) {
        Ok(directory) => directory == data,
        // The command line is open to all; only a postmaster still has its own, its children show a title.
        Err(_) => std::fs::read(process.join("cmdline"))
            .is_ok_and(|line| line.split(|byte| *byte == 0).any(|word| word == data.as_os_str().as_encoded_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_the_directory_it_works_in() {
        let here = std::env::current_dir().unwrap();
        let ourselves = rustix::process::getpid();
        let place =
            Place { home: here.clone(), data: here.clone(), log: here.clone(), name: "turnout-test".to_owned() };
        assert!(members(&place).members.contains(&ourselves));
        assert!(is_postmaster(ourselves, &here));
        assert!(!is_postmaster(ourselves, Path::new("/nowhere")));
    }
}
