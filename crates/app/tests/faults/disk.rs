//! The disk of the data directory is full: writes are 503, reads go on, and it heals without a restart when there is room again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{Executor, PgPool};

use super::{TURN, lasting};
use crate::support::buyers::{Buyers, Manner};
use crate::support::server::{NEVER_CAME_BACK, Server};
use crate::support::verdict::{Unclaimed, check};

const BUYERS: usize = 4;
const OUTSTANDING: usize = 2;
const SOLD: u64 = 30;
/// Room for the cluster, 96 MB of its log, and some orders.
const DISK: &str = "size=320m,mode=755";
const CHUNK: usize = 64 * 1024;

/// A file system of its own, taken off and removed with the server that lives on it.
fn mount() -> Option<PathBuf> {
    let place = std::env::temp_dir().join(format!("turnout-disk-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(&place).output();
    match mounted {
        Ok(done) if done.status.success() => Some(place),
        Ok(done) => {
            std::fs::remove_dir(&place).unwrap();
            println!("skipped: no file system can be mounted here: {}", String::from_utf8_lossy(&done.stderr).trim());
            None
        }
        Err(error) => {
            std::fs::remove_dir(&place).unwrap();
            println!("skipped: there is no `mount` here: {error}");
            None
        }
    }
}

/// Writes into the ballast until nothing more fits; answers how much that was.
fn fill(ballast: &Path) -> usize {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(ballast).unwrap();
    let (mut size, mut written) = (CHUNK, 0);
    while size > 0 {
        match std::io::Write::write(&mut file, &vec![0; size]) {
            Ok(length) => written += length,
            Err(_) => size /= 2,
        }
    }
    written
}

/// Lets PostgreSQL keep segments of its log in stock, as one does that has run for a while: without room for its log it stops altogether.
async fn stock_log(superuser: &PgPool) {
    superuser.execute("alter system set min_wal_size = '96MB'").await.unwrap();
    superuser.execute("alter system set max_wal_size = '128MB'").await.unwrap();
    superuser.execute("select pg_reload_conf()").await.unwrap();
    for _ in 0..6 {
        superuser
            .execute("create table if not exists ballast (id int); drop table ballast; select pg_switch_wal()")
            .await
            .unwrap();
        superuser.execute("checkpoint").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_writes_are_503_and_reads_go_on_until_there_is_room() {
    let _turn = TURN.lock().await;
    let Some(disk) = mount() else { return };
    let server = Server::start_in(disk.clone(), &[]).await;
    let sale = server.open_sale(1_000_000).await;
    let superuser = server.superuser().await;
    stock_log(&superuser).await;
    let buyers = Buyers::start(&server, &sale, Manner::Forgets, BUYERS, OUTSTANDING).await;
    buyers.ledger.sell(SOLD).await;
    let ballast = disk.join("ballast");
    let (since, before) = (Instant::now(), buyers.ledger.not_now());
    let mut filled = 0;
    while buyers.ledger.not_now() < before + SOLD {
        filled += fill(&ballast);
        assert!(since.elapsed() < NEVER_CAME_BACK, "the disk does not get full");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let full_after = since.elapsed();
    let until = Instant::now() + lasting();
    let (mut reads, mut failed) = (0_u32, Vec::new());
    while Instant::now() < until {
        fill(&ballast);
        for path in [format!("/api/v1/events/{}", sale.slug), format!("/e/{}", sale.slug), "/readyz".to_owned()] {
            reads += 1;
            let status = server.status_of(&path).await;
            if status != Some(200) {
                failed.push((path, status));
            }
        }
    }
    println!(
        "{} KiB of ballast, full after {} ms, {} times 503 so far, {reads} reads of which {} failed",
        filled / 1024,
        full_after.as_millis(),
        buyers.ledger.not_now(),
        failed.len()
    );
    buyers.ledger.start_watch();
    std::fs::remove_file(&ballast).unwrap();
    let healed = buyers.ledger.first_success().await;
    println!("room again: next success after {} ms", healed.as_millis());
    let ledger = buyers.finish().await;
    println!("{}", ledger.summary());
    check(&server, &superuser, &[&ledger], Unclaimed::Allowed).await;
    superuser.close().await;
    assert_eq!(failed, Vec::new(), "reads go on while the disk is full");
}
