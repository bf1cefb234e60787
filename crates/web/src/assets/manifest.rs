//! Vite's manifest: which files the pages load.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::Dist;
use crate::frame::AppShell;

const MANIFEST: &str = ".vite/manifest.json";
const SITE: &str = "src/site/site.ts";
const APP: &str = "src/app/main.tsx";
const ICONS: &str = "src/design/icons.svg";

/// The files that pages name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) site_css: String,
    pub(crate) site_js: String,
    pub(crate) icons: String,
    pub(crate) app_shell: AppShell,
}

#[derive(Debug, Default, Deserialize)]
struct Entry {
    file: String,
    #[serde(default)]
    css: Vec<String>,
    #[serde(default)]
    imports: Vec<String>,
}

type Manifest = BTreeMap<String, Entry>;

/// The files of this build; names that lead nowhere when the browser code was not built.
pub(crate) fn files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let manifest = Dist::get(MANIFEST).and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default();
        read(&manifest)
    })
}

fn read(manifest: &Manifest) -> Files {
    let file = |entry: &str, otherwise: &str| absolute(manifest.get(entry).map_or(otherwise, |entry| &entry.file));
    let (site_css, _) = reachable(manifest, SITE);
    let (app_css, preloads) = reachable(manifest, APP);
    Files {
        site_css: site_css.into_iter().next().unwrap_or_else(|| absolute("assets/site.css")),
        site_js: file(SITE, "assets/site.js"),
        icons: file(ICONS, "assets/icons.svg"),
        app_shell: AppShell {
            css: if app_css.is_empty() { vec![absolute("assets/app.css")] } else { app_css },
            js: file(APP, "assets/app.js"),
            preloads,
        },
    }
}

/// The style sheets of an entry and of all it imports, and the imported modules.
fn reachable(manifest: &Manifest, entry: &str) -> (Vec<String>, Vec<String>) {
    let (mut css, mut modules, mut seen) = (Vec::new(), Vec::new(), vec![entry]);
    let mut next = 0;
    while let Some(key) = seen.get(next).copied() {
        next += 1;
        let Some(found) = manifest.get(key) else { continue };
        if key != entry {
            modules.push(absolute(&found.file));
        }
        for sheet in found.css.iter().map(|sheet| absolute(sheet)) {
            if !css.contains(&sheet) {
                css.push(sheet);
            }
        }
        for import in &found.imports {
            if !seen.contains(&import.as_str()) {
                seen.push(import);
            }
        }
    }
    (css, modules)
}

fn absolute(file: &str) -> String {
    format!("/{file}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_modules_of_imports_are_found() {
        let manifest: Manifest = serde_json::from_str(
            r#"{
              "src/app/main.tsx": {"file": "assets/app-1.js", "css": ["assets/app-1.css"], "imports": ["_chunk.js"]},
              "_chunk.js": {"file": "assets/chunk-2.js", "css": ["assets/chunk-2.css"], "imports": ["src/app/main.tsx"]},
              "src/site/site.ts": {"file": "assets/site-3.js", "css": ["assets/site-3.css"]}
            }"#,
        )
        .unwrap();
        let files = read(&manifest);
        assert_eq!((files.site_css.as_str(), files.site_js.as_str()), ("/assets/site-3.css", "/assets/site-3.js"));
        let expected = AppShell {
            css: vec!["/assets/app-1.css".to_owned(), "/assets/chunk-2.css".to_owned()],
            js: "/assets/app-1.js".to_owned(),
            preloads: vec!["/assets/chunk-2.js".to_owned()],
        };
        assert_eq!(files.app_shell, expected);
    }

    #[test]
    fn a_checkout_without_built_browser_code_names_files_all_the_same() {
        assert_eq!(read(&Manifest::default()).site_css, "/assets/site.css");
    }
}
