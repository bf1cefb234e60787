//! Finds the programs of PostgreSQL on this machine, of the version that the data needs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::account::Place;
use super::{ClusterError, VERSION_MIN};

/// Parents of one directory for each installed version: Debian and Ubuntu, Red Hat, Homebrew.
const VERSIONED_PARENTS: [&str; 4] = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"];

/// One installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Directory of `initdb` and `postgres`.
    pub directory: PathBuf,
    /// Major version.
    pub major: u32,
}

impl Binaries {
    /// Path of one program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// The installation for this cluster: of the version that wrote the data, else the first found.
pub async fn find(configured: Option<&Path>, place: &Place) -> Result<Binaries, ClusterError> {
    let written = std::fs::read_to_string(place.data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    let places = places(configured, std::env::var_os("PG_BIN").map(PathBuf::from), &path_directories());
    let mut found: Vec<Binaries> = Vec::new();
    for directory in &places {
        let Some(major) = major_of(directory).await.filter(|major| *major >= VERSION_MIN) else { continue };
        let binaries = Binaries { directory: directory.clone(), major };
        if written.is_none_or(|written: u32| written == major) {
            return Ok(binaries);
        }
        found.push(binaries);
    }
    match written {
        Some(written) if !found.is_empty() => {
            let found: BTreeSet<String> = found.iter().map(|found| format!("PostgreSQL {}", found.major)).collect();
            let found = found.into_iter().collect::<Vec<_>>().join(", ");
            Err(ClusterError::OtherMajor { directory: place.data.clone(), written, found })
        }
        _ => {
            let searched: Vec<String> = match configured {
                Some(directory) => vec![directory.display().to_string()],
                None => ["$PG_BIN", "$PATH"].into_iter().chain(VERSIONED_PARENTS).map(str::to_owned).collect(),
            };
            Err(ClusterError::NoBinaries { searched: searched.join(", ") })
        }
    }
}

/// Directories that hold both programs, in order of preference. A configured one is the only one.
fn places(configured: Option<&Path>, pg_bin: Option<PathBuf>, path: &[PathBuf]) -> Vec<PathBuf> {
    let candidates: Vec<PathBuf> = match configured {
        Some(directory) => vec![directory.to_owned()],
        None => pg_bin.into_iter().chain(path.iter().cloned()).chain(versioned()).collect(),
    };
    let holds_both = |directory: &PathBuf| ["initdb", "postgres"].iter().all(|name| directory.join(name).is_file());
    candidates.into_iter().filter(holds_both).collect()
}

fn path_directories() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The `bin` directories of packaged versions, newest first.
fn versioned() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = Vec::new();
    for parent in VERSIONED_PARENTS {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.strip_prefix("pgsql-").or_else(|| name.strip_prefix("postgresql@")).unwrap_or(&name);
            if let Ok(version) = version.parse() {
                versions.push((version, entry.path().join("bin")));
            }
        }
    }
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, directory)| directory).collect()
}

/// Asks the server program for its version; works as root, too.
async fn major_of(directory: &Path) -> Option<u32> {
    let output = Command::new(directory.join("postgres")).arg("--version").output().await.ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` and `postgres (PostgreSQL) 19beta1`.
fn parse_version(output: &str) -> Option<u32> {
    let version = output.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_the_program_says() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(parse_version("bash: no such thing\n"), None);
    }

    #[tokio::test]
    async fn a_configured_directory_without_the_programs_is_an_error_that_names_it() {
        let nowhere = PathBuf::from("/nowhere");
        let [home, data, log] = [0; 3].map(|_| nowhere.clone());
        let place = Place { home, data, log, name: "turnout-test".to_owned() };
        let error = find(Some(&nowhere), &place).await.unwrap_err().to_string();
        assert!(error.contains("(looked in /nowhere)") && error.contains("DATABASE_URL"), "{error}");
    }
}
