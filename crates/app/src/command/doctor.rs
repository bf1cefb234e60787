//! `turnout doctor`: what is configured, what answers, what is missing.

use anyhow::{Result, bail};
use app::start;
use comfy_table::Table;
use platform::config::Config;

/// Prints every setting with its origin, then tries each dependency.
pub async fn doctor(config: Config) -> Result<()> {
    super::print(settings(&config))?;
    let has_url = config.database.url.is_some();
    let has_smtp = config.smtp.url.is_some();
    let (directory, public_url) = (config.data.directory.clone(), config.http.public_url.clone());
    let mut checks = vec![
        (true, format!("data directory: {}", directory.display())),
        (
            public_url.is_some(),
            public_url.map_or(
                "public address: not set; links in mails point to the listener. Set http.public_url".to_owned(),
                |url| format!("public address: {url}"),
            ),
        ),
    ];
    match start::start_beside(config).await {
        Ok(started) => {
            let version: String = sqlx::query_scalar("select current_setting('server_version')")
                .fetch_one(started.platform.db.owner_pool())
                .await?;
            let whose = if has_url { "configured" } else { "private" };
            checks.push((true, format!("database: {whose} PostgreSQL {version}, schema up to date")));
            let dead = platform::jobs::list(started.platform.db.owner_pool(), true).await?.len();
            checks.push((
                dead == 0,
                format!(
                    "background jobs: {dead} dead{}",
                    if dead == 0 { "" } else { "; look with: turnout jobs list --dead" }
                ),
            ));
            if let Some(mail) = &started.platform.mail {
                let answers = mail.is_reachable().await;
                checks.push((
                    answers,
                    format!("mail: the SMTP server {}", if answers { "answers" } else { "does not answer" }),
                ));
            }
            started.platform.db.close().await;
            if let Some(cluster) = started.cluster {
                cluster.stop().await;
            }
        }
        Err(error) => checks.push((false, format!("database: {error:#}"))),
    }
    if !has_smtp {
        checks.push((
            false,
            "mail: no SMTP server; mail stays in the built-in mailbox at /dev/mail. Set smtp.url".to_owned(),
        ));
    }
    let mut is_well = true;
    for (is_good, text) in checks {
        is_well &= is_good;
        super::print(format!("{} {text}", if is_good { "ok     " } else { "missing" }))?;
    }
    if is_well { Ok(()) } else { bail!("some things are missing; a server for trying out runs without them") }
}

/// Every setting with its origin.
fn settings(config: &Config) -> Table {
    let mut settings = Table::new();
    settings.set_header(["setting", "value", "from"]);
    for setting in &config.shown {
        settings.add_row([setting.key.clone(), setting.shown.clone(), format!("{:?}", setting.origin)]);
    }
    settings
}
