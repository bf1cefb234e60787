//! A file has one subject and a function fits a screen.

use crate::tree::{Offence, Source, Tree};

const FILE_LINES_MAX: usize = 500;
const TEST_FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 60;
/// Code that people write; lock files, data and generated text are not, and a style sheet is a list.
const WRITTEN: [&str; 7] = ["rs", "ts", "tsx", "mjs", "sql", "sh", "html"];

/// Files over their limit.
pub fn long_files(tree: &Tree) -> Vec<Offence> {
    let long = |source: &Source| {
        let limit = if source.is_test() { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
        let lines = source.text.lines().count();
        let advice = || format!("{lines} lines, {limit} are allowed; give its second subject a file");
        (lines > limit).then(|| source.offence(limit + 1, "file_length", advice()))
    };
    tree.with_extension(&WRITTEN).filter_map(long).collect()
}

/// Rust functions over the limit, outside tests. Relies on rustfmt: a function ends with a brace at its own indentation.
pub fn long_functions(tree: &Tree) -> Vec<Offence> {
    tree.with_extension(&["rs"]).filter(|source| !source.is_test()).flat_map(in_file).collect()
}

fn in_file(source: &Source) -> Vec<Offence> {
    let code = source.code();
    let lines: Vec<&str> = code.lines().take(source.first_test_line()).collect();
    let mut offences = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indentation = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indentation));
        // A method of a trait without a body, on one line or on several.
        let last = format!("{})", " ".repeat(indentation));
        let is_declared = |line: &str| line.trim_end().ends_with(';') && line.starts_with(&last);
        if line.trim_end().ends_with(';') {
            continue;
        }
        let body = lines.iter().skip(start);
        let Some(end) =
            body.clone().position(|line| *line == closing || line.trim_end().ends_with("{}") || is_declared(line))
        else {
            continue;
        };
        let length = end + 1;
        if length > FUNCTION_LINES_MAX {
            let advice = format!(
                "`{name}` has {length} lines, {FUNCTION_LINES_MAX} are allowed; keep the decisions, move the work into leaves"
            );
            offences.push(source.offence(start + 1, "function_length", advice));
        }
    }
    offences
}

/// The name of the function that begins in this line.
fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let is_modifier = |word: &str| {
        word.starts_with("pub") || ["const", "async", "unsafe", "extern", "\"C\"", "default"].contains(&word)
    };
    let first = words.find(|word| !is_modifier(word))?;
    if first != "fn" {
        return None;
    }
    let name = words.next()?;
    Some(name.split(['(', '<']).next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn a_file_of_501_lines_offends_and_a_test_of_801() {
        let (exact, long) = ("x\n".repeat(500), "x\n".repeat(501));
        let (test_exact, test_long) = ("x\n".repeat(800), "x\n".repeat(801));
        let files = [
            ("crates/a/src/exact.rs", exact.as_str()),
            ("crates/a/src/long.rs", &long),
            ("crates/a/tests/exact.rs", &test_exact),
            ("crates/a/tests/long.rs", &test_long),
            ("web/package-lock.json", &test_long),
        ];
        assert_eq!(found(long_files, &files), [at("crates/a/src/long.rs", 501), at("crates/a/tests/long.rs", 801)]);
    }

    #[test]
    fn a_function_of_61_lines_offends_outside_tests() {
        let function = |indent: &str, lines: usize| {
            format!(
                "{indent}pub(crate) async fn long<T>(\n{indent}) {{\n{}{indent}}}\n",
                format!("{indent}    work();\n").repeat(lines - 3)
            )
        };
        let inner = format!("impl A {{\n{}}}\n", function("    ", 61));
        let exact = function("", 60);
        let test = format!("fn short() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", function("    ", 100));
        let declared = format!(
            "trait A {{\n    fn one(&self) -> u8;\n    fn two(\n        &self,\n    ) -> u8;\n}}\n{}",
            "x();\n".repeat(80)
        );
        let files = [
            ("a.rs", inner.as_str()),
            ("b.rs", &exact),
            ("c.rs", &test),
            ("crates/a/tests/d.rs", &inner),
            ("e.rs", &declared),
        ];
        assert_eq!(found(long_functions, &files), [at("a.rs", 2)]);
    }
}
