//! The user that PostgreSQL runs as, and directories that this user can reach.

use std::fs::{DirBuilder, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use tokio::process::Command;

use super::{ClusterError, io};

/// Who runs PostgreSQL.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user to change to; none when we are not root and it runs as ourselves.
    drop_to: Option<User>,
    own_id: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    id: u32,
    group: u32,
}

/// The directories of a cluster, absolute and without links.
#[derive(Debug, Clone)]
pub struct Place {
    /// `postgresql` in the data directory: mode 0700, owned by the user of PostgreSQL.
    pub home: PathBuf,
    /// The cluster itself (PGDATA).
    pub data: PathBuf,
    /// The server's log; ours, outside `home`, so that its user cannot make us write elsewhere through a link.
    pub log: PathBuf,
    /// A short name that no other cluster of this machine has: it stands in the titles of its processes.
    pub name: String,
}

/// A name made from the directory, so that every start gives the same.
fn short_name(home: &Path) -> String {
    let hash = digest(&SHA256, home.as_os_str().as_bytes());
    let hash: String = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("turnout-{hash}")
}

impl Account {
    /// Ourselves, or when we are root the owner of the existing cluster, else `postgres`, else `nobody`.
    pub fn for_cluster(directory: &Path) -> Result<Self, ClusterError> {
        let own_id = rustix::process::geteuid().as_raw();
        if own_id != 0 {
            return Ok(Self { drop_to: None, own_id });
        }
        let users = users(&std::fs::read_to_string("/etc/passwd").unwrap_or_default());
        let cluster = directory.join("postgresql/data");
        if let Ok(existing) = std::fs::metadata(&cluster)
            && existing.uid() != 0
        {
            let known = users.into_iter().find(|user| user.id == existing.uid());
            let nameless = || User { name: existing.uid().to_string(), id: existing.uid(), group: existing.gid() };
            return Ok(Self { drop_to: Some(known.unwrap_or_else(nameless)), own_id });
        }
        let named = |name: &str| users.iter().find(|user| user.name == name && user.id != 0).cloned();
        let user = named("postgres").or_else(|| named("nobody")).ok_or(ClusterError::NoAccount)?;
        Ok(Self { drop_to: Some(user), own_id })
    }

    /// Makes the directories that are missing and checks that the user of PostgreSQL can reach and own them.
    pub fn prepare(&self, directory: &Path) -> Result<Place, ClusterError> {
        let mode = if self.drop_to.is_some() { 0o711 } else { 0o700 };
        make(directory, mode)?;
        let directory = directory.canonicalize().map_err(io(format!("{} cannot be read", directory.display())))?;
        let home = directory.join("postgresql");
        self.check_way_to(&directory)?;
        self.own(&home)?;
        let (data, log, name) = (home.join("data"), directory.join("postgresql.log"), short_name(&home));
        Ok(Place { home, data, log, name })
    }

    /// Makes a directory that only the user of PostgreSQL can enter, or checks that it is one.
    pub fn own(&self, directory: &Path) -> Result<(), ClusterError> {
        make(directory, 0o700)?;
        let shown = directory.display();
        let found = std::fs::symlink_metadata(directory).map_err(io(format!("{shown} cannot be read")))?;
        if found.uid() == self.id() && found.is_dir() {
            return Ok(());
        }
        match &self.drop_to {
            // Made by us a moment ago, or by a start that was killed before this line.
            Some(user) if found.uid() == 0 && found.is_dir() => chown(directory, Some(user.id), Some(user.group))
                .map_err(io(format!("{shown} cannot be given to {}", user.name))),
            _ => Err(ClusterError::ForeignDirectory { directory: directory.to_owned(), owner: found.uid() }),
        }
    }

    /// Lets a command run as this user, without our groups, our environment and our working directory.
    pub fn run_as(&self, command: &mut Command, home: &Path) {
        if let Some(user) = &self.drop_to {
            command.uid(user.id).gid(user.group);
        }
        let kept = ["PATH", "LD_LIBRARY_PATH"].map(|name| (name, std::env::var_os(name)));
        command.env_clear().envs(kept.into_iter().filter_map(|(name, value)| Some((name, value?))));
        command.env("LC_ALL", "C").env("TZ", "UTC").env("HOME", home);
        command.current_dir("/").stdin(std::process::Stdio::null());
    }

    /// The numeric id of the user of PostgreSQL.
    pub fn id(&self) -> u32 {
        self.drop_to.as_ref().map_or(self.own_id, |user| user.id)
    }

    fn check_way_to(&self, directory: &Path) -> Result<(), ClusterError> {
        let Some(user) = &self.drop_to else { return Ok(()) };
        let mut way: Vec<&Path> = directory.ancestors().collect();
        way.reverse();
        for step in way {
            let found = std::fs::metadata(step).map_err(io(format!("{} cannot be read", step.display())))?;
            if !may_pass(&found, user) {
                let (user, directory, mode) = (user.name.clone(), step.display().to_string(), found.mode() & 0o7777);
                return Err(ClusterError::NotTraversable { user, directory, mode });
            }
        }
        Ok(())
    }
}

fn make(directory: &Path, mode: u32) -> Result<(), ClusterError> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(directory);
    made.map_err(io(format!("the directory {} cannot be made", directory.display())))
}

fn may_pass(directory: &Metadata, user: &User) -> bool {
    let needed = if directory.uid() == user.id {
        0o100
    } else if directory.gid() == user.group {
        0o010
    } else {
        0o001
    };
    directory.mode() & needed != 0
}

/// The users of a passwd file: `name:password:id:group:...`.
fn users(passwd: &str) -> Vec<User> {
    let parse = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let _password = fields.next()?;
        Some(User { name, id: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
    };
    passwd.lines().filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passwd_file_names_its_users() {
        let found =
            users("root:x:0:0:root:/root:/bin/bash\n# comment\npostgres:x:101:104:,,,:/var/lib:/bin/sh\nbroken:x\n");
        assert_eq!(
            found,
            [
                User { name: "root".to_owned(), id: 0, group: 0 },
                User { name: "postgres".to_owned(), id: 101, group: 104 }
            ]
        );
    }
}
