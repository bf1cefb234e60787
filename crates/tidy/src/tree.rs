//! The files of the repository and what is wrong with them.

use std::fmt;
use std::path::Path;

use crate::lexer;

/// Directories that hold nothing of ours.
const SKIPPED: [&str; 6] = [".git", "target", "node_modules", "dist", ".tools", ".sqlx"];
/// Longest file that is read as text. Bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// One thing that the rules forbid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offence {
    /// Path from the root of the repository.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Name of the rule, as exceptions use it.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub advice: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {} [{}]", self.file, self.line, self.advice, self.rule)
    }
}

/// One text file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path from the root of the repository, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Ending of the name without the dot.
    #[must_use]
    pub fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The crate this file belongs to, if any.
    #[must_use]
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// True for files that only tests compile.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let is_in_test_directory =
            self.path.split('/').any(|part| part == "tests" || part == "e2e" || part == "testkit");
        is_in_test_directory
            || self.name() == "tests.rs"
            || self.path.contains(".test.")
            || self.path.contains(".spec.")
    }

    /// Number of the line that holds this byte, from 1.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    /// Rust only: the text with comments and the insides of literals blanked; offsets stay.
    #[must_use]
    pub fn code(&self) -> String {
        lexer::code(&self.text)
    }

    /// Rust only: the insides of text literals with their offset.
    #[must_use]
    pub fn literals(&self) -> Vec<(usize, String)> {
        lexer::literals(&self.text)
    }

    /// Rust only: the first line of the file's test module; the end of the file without one.
    #[must_use]
    pub fn first_test_line(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        let is_test_module = |pair: &[&str]| matches!(pair, [first, second] if first.trim() == "#[cfg(test)]" && (second.starts_with("mod ") || second.starts_with("#[")));
        lines.windows(2).position(is_test_module).map_or(usize::MAX, |index| index + 1)
    }

    /// An offence in this file.
    #[must_use]
    pub fn offence(&self, line: usize, rule: &'static str, advice: impl Into<String>) -> Offence {
        Offence { file: self.path.clone(), line, rule, advice: advice.into() }
    }
}

/// All text files of the repository.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Sorted by path.
    pub sources: Vec<Source>,
}

impl Tree {
    /// Reads the repository below a directory. Files that are no text are left out.
    ///
    /// # Errors
    /// When a directory cannot be read.
    pub fn read(root: &Path) -> std::io::Result<Self> {
        let mut tree = Self::default();
        tree.read_directory(root, "")?;
        tree.sources.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(tree)
    }

    /// A repository of given files, for the tests of the rules.
    #[must_use]
    pub fn planted(files: &[(&str, &str)]) -> Self {
        let source = |(path, text): &(&str, &str)| Source { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { sources: files.iter().map(source).collect() }
    }

    /// The file at this path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path == path)
    }

    /// All files with one of these endings.
    pub fn with_extension<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = &'a Source> {
        self.sources.iter().filter(|source| extensions.contains(&source.extension()))
    }

    fn read_directory(&mut self, directory: &Path, prefix: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                self.read_directory(&entry.path(), &path)?;
            } else if kind.is_file()
                && entry.metadata()?.len() <= FILE_BYTES_MAX
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                self.sources.push(Source { path, text });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_module_of_a_file_is_found() {
        let tree = Tree::planted(&[("a.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), ("b.rs", "fn b() {}\n")]);
        let lines: Vec<usize> = tree.sources.iter().map(Source::first_test_line).collect();
        assert_eq!(lines, [3, usize::MAX]);
    }
}
