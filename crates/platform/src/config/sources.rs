//! Where settings come from: the command line, the environment, a file.

use std::path::{Path, PathBuf};

use super::ConfigError;

/// Name of the file that is looked for in the working directory and in the data directory.
const FILE_NAME: &str = "turnout.toml";

/// Everything outside the binary that a configuration is read from. A value, so that tests need no process environment.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file named by `--config`; it must exist.
    pub file: Option<PathBuf>,
    /// Variables of the environment, all of them; only `TURNOUT_...`, `DATABASE_URL`, `HOME` and `XDG_DATA_HOME` are read.
    pub environment: Vec<(String, String)>,
    /// Command line settings as (`section.key`, value).
    pub flags: Vec<(String, String)>,
    /// Where `turnout.toml` is looked for first; none: not there.
    pub working_directory: Option<PathBuf>,
    /// True when the process runs as root.
    pub is_root: bool,
}

impl Sources {
    /// The sources of this process.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(String, String)>) -> Self {
        Self {
            file,
            // A variable that is not UTF-8 cannot be a setting of ours; it is someone else's.
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            flags,
            working_directory: std::env::current_dir().ok(),
            is_root: rustix::process::geteuid().is_root(),
        }
    }

    /// The data directory: the configured one, else the default of this user; none without a home.
    pub(super) fn data_directory(&self, configured: &str) -> Option<PathBuf> {
        if !configured.is_empty() {
            let path = PathBuf::from(configured);
            return Some(match &self.working_directory {
                Some(base) => base.join(path),
                None => path,
            });
        }
        if self.is_root {
            return Some(PathBuf::from("/var/lib/turnout"));
        }
        let absolute = |name: &str| self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
        home.map(|home| home.join("turnout"))
    }

    /// The configuration file to read: the named one, else the first `turnout.toml` found, else none.
    ///
    /// # Errors
    /// When the named file does not exist.
    pub(super) fn config_file(&self, data: Option<&Path>) -> Result<Option<PathBuf>, ConfigError> {
        if let Some(named) = &self.file {
            return match named.is_file() {
                true => Ok(Some(named.clone())),
                false => Err(ConfigError::one(format!("the configuration file {} does not exist", named.display()))),
            };
        }
        let places = [self.working_directory.as_deref(), data];
        Ok(places.into_iter().flatten().map(|place| place.join(FILE_NAME)).find(|file| file.is_file()))
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}
