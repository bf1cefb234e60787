//! What is forgiven. The list may only shrink: an exception without its offence is an offence itself.

use serde::Deserialize;

use crate::tree::{Offence, Source, Tree};

/// Where the list stands.
const FILE: &str = "crates/tidy/exceptions.toml";
/// Most entries the list may have. Lower it when one goes; raising it needs a reason in the commit.
const EXCEPTIONS_MAX: usize = 0;

/// The list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    rule: String,
    file: String,
    reason: String,
}

impl Exceptions {
    /// Reads the list from its file in the tree.
    ///
    /// # Errors
    /// When it is no TOML of the right shape.
    pub fn of(tree: &Tree) -> Result<Self, toml::de::Error> {
        tree.find(FILE).map_or_else(|| Ok(Self::default()), |source: &Source| toml::from_str(&source.text))
    }
}

/// The offences that are not forgiven, and the exceptions that are not needed.
#[must_use]
pub fn apply(exceptions: &Exceptions, offences: Vec<Offence>) -> Vec<Offence> {
    apply_limited(exceptions, offences, EXCEPTIONS_MAX)
}

fn apply_limited(exceptions: &Exceptions, offences: Vec<Offence>, most: usize) -> Vec<Offence> {
    let covers =
        |exception: &Exception, offence: &Offence| exception.rule == offence.rule && exception.file == offence.file;
    let about_list = |advice: String| Offence { file: FILE.to_owned(), line: 1, rule: "exceptions", advice };
    let mut left = Vec::new();
    for exception in &exceptions.exception {
        let Exception { rule, file, reason } = exception;
        if !offences.iter().any(|offence| covers(exception, offence)) {
            left.push(about_list(format!("{file} no longer offends against `{rule}`; delete the exception")));
        }
        if reason.split_whitespace().count() < 4 {
            left.push(about_list(format!("the exception of {file} needs its reason in a sentence")));
        }
    }
    if exceptions.exception.len() > most {
        let found = exceptions.exception.len();
        left.push(about_list(format!("there are {found} exceptions and {most} are allowed; mend the code instead")));
    }
    let is_left = |offence: &Offence| !exceptions.exception.iter().any(|exception| covers(exception, offence));
    left.extend(offences.into_iter().filter(is_left));
    left.sort();
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rule: &str, reason: &str) -> Exceptions {
        let text = format!("[[exception]]\nrule = \"{rule}\"\nfile = \"a.rs\"\nreason = \"{reason}\"\n");
        toml::from_str(&text).unwrap()
    }

    fn offence() -> Offence {
        Offence { file: "a.rs".to_owned(), line: 1, rule: "file_length", advice: "too long".to_owned() }
    }

    #[test]
    fn an_exception_forgives_its_rule_in_its_file_only() {
        let forgiven = list("file_length", "a table that reads as one");
        assert_eq!(apply_limited(&forgiven, vec![offence()], 1), []);
        let elsewhere = Offence { file: "b.rs".to_owned(), ..offence() };
        assert_eq!(apply_limited(&forgiven, vec![offence(), elsewhere.clone()], 1), [elsewhere]);
    }

    #[test]
    fn an_exception_that_is_not_needed_unexplained_or_one_too_many_is_an_offence() {
        let needless = list("file_length", "a table that reads as one");
        assert!(apply_limited(&needless, Vec::new(), 1)[0].advice.contains("no longer offends"));
        assert!(apply_limited(&list("file_length", "why"), vec![offence()], 1)[0].advice.contains("needs its reason"));
        assert!(apply_limited(&needless, vec![offence()], 0)[0].advice.contains("0 are allowed"));
    }
}
