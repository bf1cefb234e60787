//! What one can ask of the benchmark.

use std::path::PathBuf;

use clap::Args;

/// Flags of `turnout-bench run`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The server's binary, built for release; else $CARGO_BIN.
    #[arg(long, value_name = "FILE", env = "CARGO_BIN", default_value = "target/release/turnout")]
    pub server: PathBuf,
    /// Rounds; each measures every case once, in another order.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub rounds: u16,
    /// Seconds a window is measured.
    #[arg(long, default_value_t = 8.0)]
    pub seconds: f64,
    /// Seconds before that, which do not count.
    #[arg(long, default_value_t = 3.0)]
    pub warm_up: f64,
    /// Rows to measure: 1,2,6.
    #[arg(long, value_delimiter = ',', default_values_t = [1_u8, 2, 3, 4, 5, 6], value_parser = clap::value_parser!(u8).range(1..=6))]
    pub rows: Vec<u8>,
    /// Of those rows only the cases with these names in the result, as `order-256`; a name that ends in a hyphen stands for all that begin so.
    /// What the worker costs is not measured then.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub cases: Vec<String>,
    /// A smoke run in under a minute: one round of short windows and small tables. Its figures mean nothing.
    #[arg(long)]
    pub quick: bool,
    /// Past orders of row 6.
    #[arg(long, value_delimiter = ',', default_values_t = [0_u64, 1_000_000, 5_000_000])]
    pub growth: Vec<u64>,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 1)]
    pub generator_threads: usize,
    /// Database connections of the server; its own default when left out.
    #[arg(long)]
    pub pool: Option<u32>,
    /// A directory on a real disk for the database, made anew and removed at the end.
    #[arg(long, value_name = "DIRECTORY")]
    pub directory: Option<PathBuf>,
    /// Where the results go.
    #[arg(long, value_name = "DIRECTORY", default_value = "target/bench")]
    pub output: PathBuf,
}

impl Options {
    /// The same with what a smoke run makes small.
    pub fn settled(&self) -> Self {
        if !self.quick {
            return self.clone();
        }
        Self { rounds: 1, seconds: 0.7, warm_up: 0.3, growth: vec![0, 2_000, 10_000], ..self.clone() }
    }

    /// Whether a case of a wanted row is wanted.
    pub fn wants_case(&self, id: &str) -> bool {
        let is_meant = |name: &String| id == name || (name.ends_with('-') && id.starts_with(name.as_str()));
        self.cases.is_empty() || self.cases.iter().any(is_meant)
    }

    /// Whether a row is wanted.
    pub fn wants(&self, row: u8) -> bool {
        self.rows.contains(&row)
    }
}

#[cfg(test)]
pub mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    /// The defaults.
    pub fn options() -> Options {
        Line::parse_from(["run"]).options
    }

    #[test]
    fn cases_are_given_by_their_names_or_by_a_beginning_with_a_hyphen() {
        assert!(options().wants_case("order-256"));
        let options = Line::parse_from(["run", "--cases", "order-256,seats-"]).options;
        assert!(
            options.wants_case("order-256") && !options.wants_case("order-256-open") && !options.wants_case("order-64")
        );
        assert!(options.wants_case("seats-named-256") && options.wants_case("seats-best-256"));
    }

    #[test]
    fn rows_are_given_with_commas() {
        let options = Line::parse_from(["run", "--rows", "1,2,4", "--quick"]).options;
        assert_eq!(options.rows, [1, 2, 4]);
        assert!(options.wants(2) && !options.wants(3));
        assert_eq!((options.settled().rounds, options.settled().growth), (1, vec![0, 2_000, 10_000]));
    }
}
