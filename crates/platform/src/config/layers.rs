//! Lays file, environment and flags over the defaults and remembers where each value came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::secret::{self, is_secret, secret_of_file_key};
use super::{ConfigError, DEFAULTS};

/// Variables of the environment that begin with `TURNOUT_` and are no settings: the tests' own.
const FOREIGN_PREFIX: &str = "TURNOUT_TEST_";
/// Names of the environment that stand for a setting under a name of their own.
const ALIASES: [(&str, &str); 2] = [("DATABASE_URL", "database.url"), ("DATABASE_URL_FILE", "database.url_file")];

/// Where a value came from. Later ones win.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The embedded default file.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// A variable of the environment, by its name.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Environment(name) => formatter.write_str(name),
            Self::Flag => formatter.write_str("command line"),
        }
    }
}

/// One setting as `turnout doctor` shows it. A secret's value is `[set]` or `[empty]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `section.key`.
    pub key: String,
    /// The value as TOML writes it, secrets hidden.
    pub shown: String,
    /// Who gave it.
    pub origin: Origin,
}

/// All known settings with their current value and origin, by `section.key`.
#[derive(Debug, Clone)]
pub struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
    secret_files: BTreeMap<&'static str, (PathBuf, Origin)>,
}

impl Layers {
    /// The embedded defaults.
    pub fn from_defaults() -> Result<Self, ConfigError> {
        let table: Table = toml::from_str(DEFAULTS)
            .map_err(|error| ConfigError::one(format!("the embedded defaults are broken: {error}")))?;
        let values = flatten(&table).into_iter().map(|(key, value)| (key, (value, Origin::Default))).collect();
        Ok(Self { values, secret_files: BTreeMap::new() })
    }

    /// Lays the variables of the environment on top; returns the problems found.
    pub fn add_environment(&mut self, environment: &[(String, String)]) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, text) in environment {
            let alias = ALIASES.iter().find(|(alias, _)| alias == name).map(|(_, key)| (*key).to_owned());
            let ours = name.strip_prefix("TURNOUT_").filter(|_| !name.starts_with(FOREIGN_PREFIX));
            let Some(key) = alias.or_else(|| ours.map(|rest| rest.to_lowercase().replacen("__", ".", 1))) else {
                continue;
            };
            if ALIASES.iter().any(|(alias, _)| alias == name) && text.is_empty() {
                continue; // an empty DATABASE_URL is how a shell unsets it
            }
            let problem = self.set_text(&key, text, Origin::Environment(name.clone())).err();
            problems.extend(problem.map(|problem| format!("{name}: {problem}")));
        }
        problems
    }

    /// Lays command line settings on top; returns the problems found.
    pub fn add_flags(&mut self, flags: &[(String, String)]) -> Vec<String> {
        flags.iter().filter_map(|(key, text)| self.set_text(key, text, Origin::Flag).err()).collect()
    }

    /// Lays a file under what the environment and the command line said already; returns the problems found.
    ///
    /// # Errors
    /// When the file cannot be read or is no TOML.
    pub fn add_file(&mut self, path: &Path) -> Result<Vec<String>, ConfigError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::one(format!("{shown} cannot be read: {error}")))?;
        let table: Table =
            toml::from_str(&text).map_err(|error| ConfigError::one(format!("{shown} is no TOML: {error}")))?;
        let mut problems = Vec::new();
        for (key, value) in flatten(&table) {
            problems.extend(
                self.set(&key, value, Origin::File(path.to_owned())).err().map(|problem| format!("{shown}: {problem}")),
            );
        }
        Ok(problems)
    }

    /// Replaces each secret that a file was named for by what the file holds.
    pub fn resolve_secret_files(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, (path, origin)) in std::mem::take(&mut self.secret_files) {
            match self.values.get(key) {
                Some((_, taken)) if rank(taken) > rank(&origin) => {}
                Some((_, taken)) if rank(taken) == rank(&origin) => {
                    problems.push(format!("`{key}` and `{key}_file` are both set by {origin}; keep one"));
                }
                _ => match secret::read(&path) {
                    Ok(secret) => drop(self.values.insert(key.to_owned(), (Value::String(secret), origin))),
                    Err(problem) => problems.push(format!("`{key}_file`: {problem}")),
                },
            }
        }
        problems
    }

    /// A setting as text; empty when it is none.
    pub fn text(&self, key: &str) -> String {
        self.values.get(key).and_then(|(value, _)| value.as_str()).unwrap_or_default().to_owned()
    }

    /// True when this file set the key.
    pub fn is_set_by(&self, key: &str, path: &Path) -> bool {
        matches!(self.values.get(key), Some((_, Origin::File(file))) if file == path)
    }

    /// Everything for the operator, secrets hidden.
    pub fn shown(&self) -> Vec<Setting> {
        let show = |(key, (value, origin)): (&String, &(Value, Origin))| {
            let shown = match (is_secret(key), value.as_str()) {
                (true, Some("")) => "[empty]".to_owned(),
                (true, _) => "[set]".to_owned(),
                (false, _) => value.to_string(),
            };
            Setting { key: key.clone(), shown, origin: origin.clone() }
        };
        self.values.iter().map(show).collect()
    }

    /// The merged settings as nested tables, ready to become typed.
    pub fn into_table(self) -> Table {
        let mut table = Table::new();
        for (key, (value, _)) in self.values {
            let Some((section, name)) = key.split_once('.') else { continue };
            if let Value::Table(inner) = table.entry(section).or_insert_with(|| Value::Table(Table::new())) {
                inner.insert(name.to_owned(), value);
            }
        }
        table
    }

    fn set_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), String> {
        let example = self.values.get(key).map(|(value, _)| value.clone());
        let value = match example {
            None => Value::String(text.to_owned()),
            Some(example) => parse_like(&example, text).map_err(|shape| format!("`{key}` must be {shape}"))?,
        };
        self.set(key, value, origin)
    }

    fn set(&mut self, key: &str, value: Value, origin: Origin) -> Result<(), String> {
        if let Some(secret) = secret_of_file_key(key) {
            let path = value.as_str().ok_or_else(|| format!("`{key}` must be the path of a file"))?;
            if self.secret_files.get(secret).is_none_or(|(_, taken)| rank(taken) <= rank(&origin)) {
                self.secret_files.insert(secret, (PathBuf::from(path), origin));
            }
            return Ok(());
        }
        let Some((current, taken)) = self.values.get_mut(key) else { return Err(self.unknown(key)) };
        if !current.same_type(&value) {
            return Err(format!("`{key}` must be {}", shape(current)));
        }
        if rank(taken) <= rank(&origin) {
            (*current, *taken) = (value, origin);
        }
        Ok(())
    }

    /// The sentence for a name that is no setting, with the nearest one that is.
    fn unknown(&self, key: &str) -> String {
        let distance = |known: &str| strsim::damerau_levenshtein(known, key);
        let nearest =
            self.values.keys().min_by_key(|known| distance(known)).filter(|known| distance(known) <= 2 + key.len() / 4);
        let section = key.split('.').next().unwrap_or(key);
        let siblings: Vec<&str> =
            self.values.keys().filter(|known| known.split('.').next() == Some(section)).map(String::as_str).collect();
        match nearest {
            Some(nearest) => format!("unknown setting `{key}`; did you mean `{nearest}`?"),
            None if !siblings.is_empty() => format!("unknown setting `{key}`; `{section}` has {}", siblings.join(", ")),
            None => format!("unknown setting `{key}`; `turnout config` lists all"),
        }
    }
}

fn rank(origin: &Origin) -> u8 {
    match origin {
        Origin::Default => 0,
        Origin::File(_) => 1,
        Origin::Environment(_) => 2,
        Origin::Flag => 3,
    }
}

fn flatten(table: &Table) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    for (section, value) in table {
        match value {
            Value::Table(inner) => {
                flat.extend(inner.iter().map(|(key, value)| (format!("{section}.{key}"), value.clone())))
            }
            other => flat.push((section.clone(), other.clone())),
        }
    }
    flat
}

/// Reads text in the shape that the default value has.
fn parse_like(example: &Value, text: &str) -> Result<Value, &'static str> {
    let read = match example {
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::Array(_) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Some(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
        }
        _ => Some(Value::String(text.to_owned())),
    };
    read.ok_or_else(|| shape(example))
}

fn shape(example: &Value) -> &'static str {
    match example {
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list of texts",
        _ => "a text",
    }
}
