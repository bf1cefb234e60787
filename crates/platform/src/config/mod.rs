//! Configuration: one documented default file, overridden by file, environment and flags.
//!
//! The embedded [`DEFAULTS`] are at once the documentation, the default values and the list of known names, so the three
//! cannot drift apart. A name that is not in it stops the start.

mod layers;
mod network;
mod secret;
mod settings;
mod sources;
#[cfg(test)]
mod tests;

pub use layers::{Origin, Setting};
pub use network::Network;
pub use settings::{
    Config, Data, Database, Holds, Http, Jobs, Limits, Log, LogFormat, Payments, Smtp, Storage, TestProvider, Vault,
};
pub use sources::Sources;

/// The default file, as `turnout config` prints it.
pub const DEFAULTS: &str = include_str!("default.toml");

/// Why the configuration cannot be used: every problem found, each a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used:\n  - {}", .problems.join("\n  - "))]
pub struct ConfigError {
    /// One sentence for each problem; never holds a secret value.
    pub problems: Vec<String>,
}

impl ConfigError {
    fn one(problem: impl Into<String>) -> Self {
        Self { problems: vec![problem.into()] }
    }
}

impl Config {
    /// Reads all sources, checks every name and value, and resolves what is derived (directories, secret files).
    ///
    /// # Errors
    /// All unknown names (with the nearest right one) and all values of a wrong shape at once.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut layers = layers::Layers::from_defaults()?;
        let mut problems = Vec::new();
        problems.extend(layers.add_environment(&sources.environment));
        problems.extend(layers.add_flags(&sources.flags));
        // The data directory decides where one of the files is looked for, so that file cannot move it.
        let data = sources.data_directory(&layers.text("data.directory"));
        if let Some(file) = sources.config_file(data.as_deref())? {
            problems.extend(layers.add_file(&file)?);
            if layers.is_set_by("data.directory", &file) && data.is_some_and(|data| file.starts_with(data)) {
                problems.push(format!(
                    "{}: `data.directory` cannot be set by the file inside the data directory",
                    file.display()
                ));
            }
        }
        problems.extend(layers.resolve_secret_files());
        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        settings::finish(layers, sources)
    }

    /// The configuration of a test: defaults, the given data directory, and overrides as `("section.key", "value")`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn for_test(data: &std::path::Path, overrides: &[(&str, &str)]) -> Result<Self, ConfigError> {
        let mut flags = vec![("data.directory".to_owned(), data.display().to_string())];
        flags.extend(overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Self::load(&Sources { flags, ..Sources::default() })
    }
}
