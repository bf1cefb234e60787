//! Demo data: told through the API like any organiser's and buyer's story, the same every time, in the days before today.

mod cast;
mod city;
mod hall;
mod script;
mod stage;

use anyhow::{Result, bail};
use platform::{Failure, Never, Platform, Scope, Tx};
use tokio_util::sync::CancellationToken;

use stage::Stage;

/// How many days before today the story begins.
const DAYS_TOLD: i64 = 30;

/// Fills an empty database and tells where to click. A database with a journal is left alone.
pub async fn prepare(platform: &Platform, listener: &std::net::TcpListener, stop: &CancellationToken) -> Result<()> {
    if platform.mail.is_some() {
        bail!(
            "demo data would send mail to made-up people through the configured SMTP server; unset smtp.url for --demo"
        );
    }
    let is_told = platform.db.read(Scope::System, "is_demo_told", (), is_told).await?;
    if !is_told {
        crate::command::print("Telling the demo's story; this takes a few seconds ...")?;
        let stage = Stage::build(platform, listener, DAYS_TOLD)?;
        tokio::select! {
            told = script::tell(&stage) => told?,
            () = stop.cancelled() => {}
        }
        stage.strike().await;
    }
    crate::command::print(where_to_click(&platform.public_url))
}

async fn is_told(tx: &mut Tx, (): ()) -> Result<bool, Failure<Never>> {
    // Whoever has used this database before has left something in the journal.
    Ok(sqlx::query_scalar("select exists (select from platform.journal)").fetch_one(tx.conn()).await?)
}

fn where_to_click(url: &str) -> String {
    format!(
        "
  Turnout is running.

    Discover events      {url}/
    Concert, three left  {url}/e/blue-harbour-jazz
    Organiser's app      {url}/app
    Mailbox              {url}/dev/mail
    API                  {url}/docs/api

  Sign in with an e-mail address; the code arrives in the mailbox above.

    {ada}     owner of Northside Events
    {door}    door staff of Northside Events
    {grace}   owner of Harbour Tech

  Ctrl-C stops everything.
",
        ada = cast::ADA,
        door = cast::DOOR,
        grace = cast::GRACE,
    )
}
