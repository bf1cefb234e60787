//! The whole run: start everything, measure in rounds, report, and leave nothing behind.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use tokio::signal::unix::{SignalKind, signal};

use crate::bars::{Findings, evaluate};
use crate::cases::{self, Case};
use crate::cluster::{Cluster, FIRST_DATABASE, PRISTINE_DATABASE};
use crate::drain;
use crate::growth;
use crate::hall::Halls;
use crate::house::House;
use crate::machine::Machine;
use crate::measure::Window;
use crate::options::Options;
use crate::report::Results;
use crate::server::{Binary, Server, Start};
use crate::stage::{Memory, Stage};
use crate::{baseline, print};

/// The switch that makes every booking a transaction of its own, through the same code.
const BATCH: &str = "boxoffice.batch_max";
/// Files that may be open at a time: a connection of the generator and one of the server each, and room.
const FILES: u64 = 16_384;
/// Events of the rows with many of them, and of those in a smoke run.
const MANY: [usize; 2] = [100, 1000];
const MANY_QUICK: [usize; 2] = [5, 20];
/// Orders that the worker's share is measured with.
const DRAIN_ORDERS: u64 = 1000;
const DRAIN_ORDERS_QUICK: u64 = 20;

/// Runs the benchmark. The exit code tells whether the checks held; a bar that was not reached does not fail it.
///
/// # Errors
/// When something cannot be started, was sold twice, or does not add up.
pub async fn run(options: &Options) -> Result<ExitCode> {
    let options = options.settled();
    allow_files();
    let mut stopped = Stopped::listen()?;
    let directory = options
        .directory
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("/var/tmp/turnout-bench-{}", std::process::id())));
    std::fs::create_dir(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let outcome = with_cluster(&options, &directory, &mut stopped).await;
    let removed =
        std::fs::remove_dir_all(&directory).with_context(|| format!("{} cannot be removed", directory.display()));
    outcome.and(removed).map(|()| ExitCode::SUCCESS)
}

async fn with_cluster(options: &Options, directory: &Path, stopped: &mut Stopped) -> Result<()> {
    // The user of PostgreSQL has to pass through it.
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o711))?;
    let cluster = Cluster::start(directory).await?;
    // Whoever stops us drops everything that runs on the cluster, servers and generators are killed, and then it is stopped.
    let outcome = tokio::select! {
        outcome = perform(options, directory, &cluster) => outcome,
        () = stopped.wait() => Err(anyhow!("interrupted; everything is stopped and removed")),
    };
    cluster.stop().await;
    outcome
}

async fn perform(options: &Options, directory: &Path, cluster: &Cluster) -> Result<()> {
    let data = directory.join("server");
    std::fs::create_dir(&data)?;
    let binary = Binary::find(&options.server, &data, options.pool).await?;
    if !options.quick {
        cluster.fill_wal().await?;
    }
    let baseline = baseline::prepare(cluster, directory).await?;
    let machine = Machine::look(cluster, &baseline).await?;
    print(machine.describe());
    let house = set_up(cluster, &binary).await?;
    let mut results = Results {
        machine,
        conditions: conditions(options, &binary),
        notes: Vec::new(),
        cases: Vec::new(),
        windows: Vec::new(),
        drained: None,
        bars: Vec::new(),
    };
    let outcome = measure_all(options, directory, cluster, (&binary, house, baseline), &mut results).await;
    if let Err(error) = &outcome {
        // What was found until then is worth a look; the failure comes first and last.
        results.notes.insert(0, format!("THE RUN FAILED: {error:#}"));
    }
    results.notes.extend(failures(&results));
    let largest = format!("grown-{}", options.growth.iter().max().copied().unwrap_or_default());
    results.bars = evaluate(&Findings(&results.windows), &largest);
    print(format!("\n{}", results.text()));
    let [json, svg] = results.write(&options.output)?;
    print(format!("{} and {}", json.display(), svg.display()));
    outcome
}

async fn measure_all(
    options: &Options,
    directory: &Path,
    cluster: &Cluster,
    (binary, house, baseline): (&Binary, House, sqlx::PgPool),
    results: &mut Results,
) -> Result<()> {
    if options.wants(2) && options.cases.is_empty() {
        let orders = if options.quick { DRAIN_ORDERS_QUICK } else { DRAIN_ORDERS };
        results.drained = Some(drain::measure(cluster, binary, &house, orders).await?);
    }
    let mut stage = raise(options, directory, cluster, (binary, house, baseline)).await?;
    results.notes = notes(options, &stage);
    let events = if options.quick { MANY_QUICK } else { MANY };
    let cases = cases::of_rows(options, stage.unbatched.is_some(), events);
    measure_in_rounds(options, &mut stage, &cases, results).await?;
    let (entries, jobs) = drain::backlog(&stage.database).await?;
    results.notes.push(format!(
        "the measured servers run with --role web; {entries} journal entries and {jobs} jobs of theirs wait for a worker"
    ));
    if options.wants(6) {
        grow(options, binary, &mut stage, results).await?;
    }
    stage.lower().await
}

/// A note for each case in which something failed.
fn failures(results: &Results) -> Vec<String> {
    let note = |(id, _, label, _): &(String, u8, String, String)| {
        let windows: Vec<&Window> = results.windows.iter().filter(|window| window.case == *id).collect();
        let failed: u64 = windows.iter().map(|window| window.failed).sum();
        let statuses: Vec<_> = windows.iter().map(|window| &window.statuses).collect();
        (failed > 0).then(|| format!("{label}: {failed} operations failed; answers by status and round: {statuses:?}"))
    };
    results.cases.iter().filter_map(note).collect()
}

/// Signing in takes a mail, and mails a worker; what is measured later runs without one.
async fn set_up(cluster: &Cluster, binary: &Binary) -> Result<House> {
    let url = cluster.url_of(FIRST_DATABASE);
    let server = binary.start(&Start { database: &url, role: "web,worker", settings: &[] }).await?;
    let house = House::found(&server.place.base()).await?;
    let database = cluster.pool(FIRST_DATABASE).await?;
    while drain::backlog(&database).await? != (0, 0) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    database.close().await;
    server.stop().await?;
    cluster.create_database(PRISTINE_DATABASE, Some(FIRST_DATABASE)).await?;
    Ok(house)
}

async fn raise<'a>(
    options: &'a Options,
    directory: &Path,
    cluster: &'a Cluster,
    (binary, house, baseline): (&Binary, House, sqlx::PgPool),
) -> Result<Stage<'a>> {
    let url = cluster.url_of(FIRST_DATABASE);
    let main = binary.start(&Start { database: &url, role: "web", settings: &[] }).await?;
    let unbatched = if binary.knows(BATCH) {
        Some(binary.start(&Start { database: &url, role: "web", settings: &[(BATCH, "1")] }).await?)
    } else {
        None
    };
    Ok(Stage {
        options,
        cluster,
        directory: directory.to_owned(),
        main,
        unbatched,
        hello: Server::hello().await?,
        grown: Vec::new(),
        house,
        database: cluster.pool(FIRST_DATABASE).await?,
        baseline,
        memory: Memory::default(),
        halls: Halls::default(),
    })
}

async fn measure_in_rounds(
    options: &Options,
    stage: &mut Stage<'_>,
    cases: &[Case],
    results: &mut Results,
) -> Result<()> {
    results.cases.extend(Results::name(cases));
    for round in 0..usize::from(options.rounds) {
        for case in cases::rotated(cases, round) {
            let window =
                stage.measure(case, round).await.with_context(|| format!("{} (round {})", case.label, round + 1))?;
            print(progress(case, &window));
            results.windows.push(window);
        }
    }
    Ok(())
}

fn progress(case: &Case, window: &Window) -> String {
    format!(
        "round {}  {:<52} {:>9.0} {}/s  p99 {:>8.2} ms  cpu {:>6.1} + {:>6.1} us  other {:.2}  failed {}",
        window.round + 1,
        case.label,
        window.rate + window.refusal_rate,
        case.unit,
        window.latency.p99,
        window.server_us,
        window.postgres_us,
        window.other_cores,
        window.failed
    )
}

/// Row 6 has rounds of its own: the fill would be in the way of everything else.
async fn grow(options: &Options, binary: &Binary, stage: &mut Stage<'_>, results: &mut Results) -> Result<()> {
    growth::has_room(&stage.directory, &options.growth)?;
    for past in &options.growth {
        let since = std::time::Instant::now();
        let grown = growth::grow(stage.cluster, binary, &stage.house, *past).await?;
        let (seconds, bytes) = (since.elapsed().as_secs(), growth::bytes(&grown.database).await?);
        results.notes.push(format!("{past} past orders: {} MB, filled in {seconds} s", bytes / 1_000_000));
        stage.grown.push(grown);
    }
    let cases = cases::of_growth(options, &options.growth);
    // One more window each that does not count: after a checkpoint the first change of a page writes the whole page.
    for case in &cases {
        stage.measure(case, 0).await.with_context(|| format!("{} (warm-up)", case.label))?;
    }
    measure_in_rounds(options, stage, &cases, results).await
}

fn conditions(options: &Options, binary: &Binary) -> Vec<(String, String)> {
    let server: Vec<String> = binary.settings().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let named = |name: &str, value: String| (name.to_owned(), value);
    vec![
        named("rounds", options.rounds.to_string()),
        named("window", format!("{} s after {} s of warm-up", options.seconds, options.warm_up)),
        named("server", format!("{} serve --role web, {}", options.server.display(), server.join(", "))),
    ]
}

fn notes(options: &Options, stage: &Stage<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if options.quick {
        notes.push(
            "this was a smoke run (--quick): one round, short windows, small tables; the figures mean nothing"
                .to_owned(),
        );
    }
    if !stage.house.has_one_call {
        notes.push(
            "this server has no order in one call; `order` is a hold and then its order, a rush asks for holds"
                .to_owned(),
        );
    }
    if stage.unbatched.is_none() {
        notes.push(format!("this server has no {BATCH}; the row with a batch of one is not offered"));
    }
    notes
}

/// As many open files as the system lets us have; servers and generators inherit it.
fn allow_files() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let wanted = limit.maximum.map_or(FILES, |maximum| maximum.min(FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        // Without it, runs with many connections fail and say so.
        let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
    }
}

/// The signals that end a run early.
struct Stopped([tokio::signal::unix::Signal; 3]);

impl Stopped {
    fn listen() -> Result<Self> {
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?]))
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
