//! The arrows between crates, as architecture.md section 3 draws them.

use toml::Table;

use super::CONTEXTS;
use crate::tree::{Offence, Source, Tree};

/// What a context may use beyond kernel, platform and web.
const BETWEEN_CONTEXTS: [(&str, &[&str]); 3] =
    [("boxoffice", &["catalog", "payments"]), ("admission", &["boxoffice"]), ("conference", &["catalog"])];

/// Dependencies between our crates that section 3 does not draw.
pub fn forbidden_arrows(tree: &Tree) -> Vec<Offence> {
    let is_manifest = |source: &&Source| {
        source.path.starts_with("crates/")
            && source.path.ends_with("/Cargo.toml")
            && source.path.split('/').count() == 3
    };
    let manifests: Vec<&Source> = tree.with_extension(&["toml"]).filter(is_manifest).collect();
    let ours: Vec<&str> = manifests.iter().filter_map(|source| source.crate_name()).collect();
    manifests.iter().flat_map(|source| in_manifest(source, &ours)).collect()
}

fn in_manifest(source: &Source, ours: &[&str]) -> Vec<Offence> {
    let name = source.crate_name().unwrap_or_default();
    let Some(allowed) = allowed(name) else {
        let advice = format!(
            "`{name}` is not in architecture.md section 3; draw its arrows there and in crates/tidy/src/rules/arrows.rs"
        );
        return vec![source.offence(1, "arrows", advice)];
    };
    let Ok(manifest) = source.text.parse::<Table>() else {
        return vec![source.offence(1, "arrows", "this is no TOML")];
    };
    let mut offences = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(used) = manifest.get(section).and_then(|section| section.as_table()) else { continue };
        for used in used.keys().filter(|used| ours.contains(&used.as_str())) {
            let is_for_tests = section == "dev-dependencies" && is_allowed_in_tests(name, used);
            if !allowed.contains(&used.as_str()) && !is_for_tests {
                let line = line_of_key(source, section, used);
                let advice =
                    format!("no arrow from `{name}` to `{used}`; meet through an event, or at the composition root");
                offences.push(source.offence(line, "arrows", advice));
            }
        }
    }
    offences
}

/// Tests drive an operation through the whole of what it rests on; testkit is theirs.
fn is_allowed_in_tests(name: &str, used: &str) -> bool {
    // The jobs of platform are tested as a module registers them, and `Module` is a type of web, which is above platform.
    // Cargo allows the circle because only the test binaries close it; testkit rests on web in the same way.
    let is_platform_on_web = name == "platform" && used == "web";
    // The faults are played between the whole server and its database.
    let is_app_on_faults = name == "app" && used == "faultproxy";
    used == "testkit" || is_context(used) || is_platform_on_web || is_app_on_faults
}

fn is_context(name: &str) -> bool {
    CONTEXTS.contains(&name)
}

/// Everything a crate may depend on; none for a crate that section 3 does not know.
fn allowed(name: &str) -> Option<Vec<&'static str>> {
    let shell = ["kernel", "platform", "web"];
    let between =
        |name: &str| BETWEEN_CONTEXTS.iter().find(|(context, _)| *context == name).map_or(&[][..], |(_, used)| used);
    let below_app: Vec<&str> = shell.into_iter().chain(CONTEXTS).chain(["site"]).collect();
    Some(match name {
        "kernel" | "tidy" => Vec::new(),
        "platform" => vec!["kernel"],
        "web" => vec!["kernel", "platform"],
        "site" => shell.into_iter().chain(CONTEXTS).collect(),
        "app" => below_app,
        "testkit" => shell.to_vec(),
        "sim" | "bench" | "histcheck" | "faultproxy" => below_app.into_iter().chain(["app", "testkit"]).collect(),
        context if is_context(context) => shell.iter().chain(between(context)).copied().collect(),
        _ => return None,
    })
}

fn line_of_key(source: &Source, section: &str, key: &str) -> usize {
    let begins = |line: &&str| line.split(['.', '=', ' ']).next() == Some(key);
    let mut lines = source.text.lines().enumerate().skip_while(|(_, line)| *line != format!("[{section}]"));
    lines.find(|(_, line)| begins(line)).map_or(1, |(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{at, found};

    const OTHERS: [(&str, &str); 3] = [
        ("crates/kernel/Cargo.toml", ""),
        ("crates/platform/Cargo.toml", "[dependencies]\nkernel.workspace = true\n"),
        ("crates/testkit/Cargo.toml", ""),
    ];

    fn offences(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        found(forbidden_arrows, &[&OTHERS, files].concat())
    }

    #[test]
    fn arrows_of_section_3_are_allowed() {
        let files = [
            (
                "crates/catalog/Cargo.toml",
                "[dependencies]\nplatform = { workspace = true }\n[dev-dependencies]\ntestkit.workspace = true\n",
            ),
            ("crates/boxoffice/Cargo.toml", "[dependencies]\ncatalog.workspace = true\nkernel.workspace = true\n"),
            ("crates/site/Cargo.toml", "[dependencies]\nboxoffice.workspace = true\n"),
        ];
        assert_eq!(offences(&files), []);
    }

    #[test]
    fn tests_of_platform_may_use_web_and_testkit() {
        let in_tests = "[dev-dependencies]\ntestkit.workspace = true\nweb.workspace = true\n";
        let web = ("crates/web/Cargo.toml", "");
        let testkit = ("crates/testkit/Cargo.toml", "");
        let files = [("crates/platform/Cargo.toml", in_tests), web, testkit];
        assert_eq!(found(forbidden_arrows, &files), []);
        let shipped = "[dependencies]\ntestkit.workspace = true\nweb.workspace = true\n";
        let files = [("crates/platform/Cargo.toml", shipped), ("crates/kernel/Cargo.toml", in_tests), web, testkit];
        let expected = [
            at("crates/platform/Cargo.toml", 2),
            at("crates/platform/Cargo.toml", 3),
            at("crates/kernel/Cargo.toml", 3),
        ];
        assert_eq!(found(forbidden_arrows, &files), expected);
    }

    #[test]
    fn an_arrow_that_is_not_drawn_offends() {
        let files = [
            ("crates/catalog/Cargo.toml", "[dependencies]\nkernel.workspace = true\nboxoffice.workspace = true\n"),
            ("crates/boxoffice/Cargo.toml", "[dependencies]\ntestkit.workspace = true\n"),
            ("crates/kernel/Cargo.toml", "[dependencies]\nplatform.workspace = true\n"),
            ("crates/surprise/Cargo.toml", ""),
        ];
        let expected = [
            at("crates/catalog/Cargo.toml", 3),
            at("crates/boxoffice/Cargo.toml", 2),
            at("crates/kernel/Cargo.toml", 2),
            at("crates/surprise/Cargo.toml", 1),
        ];
        assert_eq!(offences(&files), expected);
    }
}
