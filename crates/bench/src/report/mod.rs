//! The result: a table, a file for machines, a picture.

mod chart;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::bars::{Bar, Findings};
use crate::cases::Case;
use crate::drain::Drained;
use crate::machine::Machine;
use crate::measure::Window;

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// How: rounds, seconds, settings of the server.
    pub conditions: Vec<(String, String)>,
    /// What a reader has to know beside.
    pub notes: Vec<String>,
    /// Names of the cases: id, row, label, unit.
    pub cases: Vec<(String, u8, String, String)>,
    /// Every window.
    pub windows: Vec<Window>,
    /// The worker's share, when it was measured.
    pub drained: Option<Drained>,
    /// The bars.
    pub bars: Vec<Bar>,
}

impl Results {
    /// Names the cases.
    pub fn name(cases: &[Case]) -> Vec<(String, u8, String, String)> {
        cases.iter().map(|case| (case.id.clone(), case.row, case.label.clone(), case.unit.to_owned())).collect()
    }

    /// The text for the terminal.
    pub fn text(&self) -> String {
        table::text(self)
    }

    fn findings(&self) -> Findings<'_> {
        Findings(&self.windows)
    }

    /// Writes `result.json` and `result.svg`; answers where.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn write(&self, directory: &Path) -> Result<[PathBuf; 2]> {
        std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
        let files = [directory.join("result.json"), directory.join("result.svg")];
        let [json, svg] = &files;
        std::fs::write(json, serde_json::to_string_pretty(self)?)?;
        std::fs::write(svg, chart::svg(self))?;
        Ok(files)
    }
}
