//! The repository builds anywhere: it names no machine of ours and no registry.

use crate::tree::{Offence, Source, Tree};

/// Directories at the top of somebody's machine.
const PRIVATE: [&str; 4] = ["work", "root", "home", "Users"];
/// Words in the name of a host that serves packages; tools know theirs from their own settings.
const REGISTRY: [&str; 9] =
    ["registry", "npmjs", "pypi", "pythonhosted", "crates", "proxy", "mirror", "artifactory", "nexus"];

/// Paths of a machine and hosts of registries, in any text file.
pub fn machine_places(tree: &Tree) -> Vec<Offence> {
    tree.sources.iter().flat_map(in_file).collect()
}

fn in_file(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        if let Some(path) = PRIVATE.iter().find_map(|directory| private_path(line, directory)) {
            offences.push(source.offence(
                index + 1,
                "place",
                format!("`{path}...` exists on one machine only; use a path from the repository's root"),
            ));
        }
        // Lock files name the index of their tool by design.
        if source.name() != "Cargo.lock"
            && let Some(host) = hosts(line).find(|host| is_registry(host))
        {
            offences.push(source.offence(
                index + 1,
                "place",
                format!("`{host}` serves packages; leave the choice to the tool's settings"),
            ));
        }
    }
    offences
}

fn private_path(line: &str, directory: &str) -> Option<String> {
    let path = format!("/{directory}/");
    let is_beginning = |offset: usize| {
        let before = line.get(..offset).and_then(|text| text.chars().next_back());
        before.is_none_or(|character| character.is_whitespace() || "\"'`(=:,[<".contains(character))
    };
    line.match_indices(&path).any(|(offset, _)| is_beginning(offset)).then_some(path)
}

fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split("://").skip(1).filter_map(|rest| rest.split(['/', '"', '\'', '`', ' ', ')', '>', ':', '?', '#']).next())
}

fn is_registry(host: &str) -> bool {
    host.contains('.') && host.split(['.', '-']).any(|word| REGISTRY.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    #[test]
    fn paths_of_a_machine_and_hosts_of_registries_offend() {
        let path = format!("see {}{}/x\n/var/lib/turnout and rework/works/\n", "/home", "/ada");
        let host =
            format!("\"resolved\": \"https://{}.example.org/a.tgz\"\nhttps://example.org/registry\n", "registry");
        let files = [("docs/a.md", path.as_str()), ("web/package-lock.json", &host)];
        assert_eq!(found(machine_places, &files), [at("docs/a.md", 1), at("web/package-lock.json", 1)]);
    }
}
