use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;

/// A directory of this test alone, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("turnout-config-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn environment(pairs: &[(&str, &str)]) -> Sources {
    let mut environment = vec![("HOME".to_owned(), "/people/ada".to_owned())];
    environment.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Sources { environment, ..Sources::default() }
}

fn problems(sources: &Sources) -> Vec<String> {
    Config::load(sources).unwrap_err().problems
}

#[test]
fn the_defaults_alone_are_a_configuration() {
    let config = Config::load(&environment(&[])).unwrap();
    assert_eq!(config.http.listen, SocketAddr::from(([127, 0, 0, 1], 3000)));
    assert_eq!(config.http.header_read_timeout, Duration::from_secs(10));
    assert_eq!(config.holds.ttl, Duration::from_secs(600));
    assert_eq!(config.data.directory, Path::new("/people/ada/.local/share/turnout"));
    assert_eq!(config.storage.directory, Path::new("/people/ada/.local/share/turnout/media"));
    assert!(config.database.url.is_none() && config.smtp.url.is_none() && config.vault.key.is_none());
    assert_eq!((config.payments.test_provider, config.log.format), (TestProvider::Auto, LogFormat::Pretty));
}

#[test]
fn every_default_has_a_comment_above_it() {
    let lines: Vec<&str> = DEFAULTS.lines().collect();
    for pair in lines.windows(2) {
        let is_key = pair[1].contains(" = ") && !pair[1].starts_with('#');
        assert!(!is_key || pair[0].starts_with('#'), "no comment above `{}`", pair[1]);
    }
}

#[test]
fn a_file_gives_way_to_the_environment_and_that_to_the_command_line() {
    let directory = Directory::new("layers");
    let file =
        directory.write("settings.toml", "[holds]\nttl_seconds = 1\nrenewals_max = 1\npayment_ttl_seconds = 1\n");
    let mut sources = environment(&[("TURNOUT_HOLDS__RENEWALS_MAX", "2"), ("TURNOUT_HOLDS__PAYMENT_TTL_SECONDS", "2")]);
    sources.file = Some(file.clone());
    sources.flags = vec![("holds.payment_ttl_seconds".to_owned(), "3".to_owned())];
    let config = Config::load(&sources).unwrap();
    let holds = (config.holds.ttl.as_secs(), config.holds.renewals_max, config.holds.payment_ttl.as_secs());
    assert_eq!(holds, (1, 2, 3));
    let origins: BTreeMap<String, Origin> =
        config.shown.into_iter().map(|setting| (setting.key, setting.origin)).collect();
    assert_eq!(origins["holds.ttl_seconds"], Origin::File(file));
    assert_eq!(origins["holds.renewals_max"], Origin::Environment("TURNOUT_HOLDS__RENEWALS_MAX".to_owned()));
    assert_eq!(origins["holds.payment_ttl_seconds"], Origin::Flag);
    assert_eq!(origins["http.listen"], Origin::Default);
}

#[test]
fn turnout_toml_is_found_in_the_working_directory_and_else_in_the_data_directory() {
    let (here, data) = (Directory::new("here"), Directory::new("data"));
    data.write("turnout.toml", "[jobs]\nconcurrency = 7\n");
    let mut sources = environment(&[("TURNOUT_DATA__DIRECTORY", data.0.to_str().unwrap())]);
    sources.working_directory = Some(here.0.clone());
    assert_eq!(Config::load(&sources).unwrap().jobs.concurrency, 7);
    here.write("turnout.toml", "[jobs]\nconcurrency = 8\n");
    assert_eq!(Config::load(&sources).unwrap().jobs.concurrency, 8);
}

#[test]
fn the_file_in_the_data_directory_cannot_move_it() {
    let data = Directory::new("circle");
    data.write("turnout.toml", "[data]\ndirectory = \"/elsewhere\"\n");
    let mut sources = environment(&[("XDG_DATA_HOME", data.0.to_str().unwrap())]);
    std::fs::create_dir_all(data.0.join("turnout")).unwrap();
    std::fs::rename(data.0.join("turnout.toml"), data.0.join("turnout/turnout.toml")).unwrap();
    assert!(problems(&sources)[0].ends_with("`data.directory` cannot be set by the file inside the data directory"));
    sources.file = Some(data.write("named.toml", "[data]\ndirectory = \"/elsewhere\"\n"));
    assert_eq!(Config::load(&sources).unwrap().data.directory, Path::new("/elsewhere"));
}

#[test]
fn an_unknown_name_stops_the_start_with_the_nearest_right_one() {
    assert_eq!(
        problems(&environment(&[("TURNOUT_HTP__LISTEN", "x")])),
        ["TURNOUT_HTP__LISTEN: unknown setting `htp.listen`; did you mean `http.listen`?"]
    );
    let directory = Directory::new("unknown");
    let file = directory.write("a.toml", "[holds]\nttl_second = 5\n[jobs]\nbanana_split_with_cream = 1\n");
    let sources = Sources { file: Some(file.clone()), ..environment(&[]) };
    assert_eq!(
        problems(&sources),
        [
            format!("{}: unknown setting `holds.ttl_second`; did you mean `holds.ttl_seconds`?", file.display()),
            format!(
                "{}: unknown setting `jobs.banana_split_with_cream`; `jobs` has jobs.concurrency, jobs.poll_ms",
                file.display()
            ),
        ]
    );
}

#[test]
fn variables_of_the_tests_and_of_others_are_left_alone() {
    assert!(Config::load(&environment(&[("TURNOUT_TEST_DATABASE", "x"), ("TURN", "x"), ("DATABASE_URL", "")])).is_ok());
}

#[test]
fn a_value_of_a_wrong_shape_is_refused_with_the_right_one() {
    let wrong = environment(&[("TURNOUT_HTTP__DRAIN_SECONDS", "soon"), ("TURNOUT_JOBS__POLL_MS", "1.5")]);
    assert_eq!(
        problems(&wrong),
        [
            "TURNOUT_HTTP__DRAIN_SECONDS: `http.drain_seconds` must be a whole number",
            "TURNOUT_JOBS__POLL_MS: `jobs.poll_ms` must be a whole number",
        ]
    );
    for (name, value, expected) in [
        ("TURNOUT_HTTP__DRAIN_SECONDS", "0", "0 is not between 1 and 1000000000"),
        ("TURNOUT_DATABASE__POOL_MAX", "0", "nonzero"),
        ("TURNOUT_HTTP__LISTEN", "localhost", "invalid socket address"),
        ("TURNOUT_HTTP__PUBLIC_URL", "https://example.org/shop", "is no origin"),
        ("TURNOUT_HTTP__TRUSTED_PROXIES", "10.0.0.0/33", "neither an address nor a network"),
        ("TURNOUT_LOG__FORMAT", "xml", "unknown variant `xml`"),
        ("TURNOUT_SMTP__FROM_ADDRESS", "nobody", "is no e-mail address"),
    ] {
        let found = problems(&environment(&[(name, value)]));
        let key = name.trim_start_matches("TURNOUT_").to_lowercase().replace("__", ".");
        assert!(found.len() == 1 && found[0].contains(expected) && found[0].contains(&key), "{name}: {found:?}");
    }
}

#[test]
fn a_secret_is_read_from_a_file_and_loses_one_line_break() {
    let directory = Directory::new("secret");
    let file = directory.write("url", "postgres://ada:pass@db/turnout\n");
    let path = file.to_str().unwrap();
    for name in ["TURNOUT_DATABASE__URL_FILE", "DATABASE_URL_FILE"] {
        let config = Config::load(&environment(&[(name, path)])).unwrap();
        assert_eq!(config.database.url.unwrap().expose_secret(), "postgres://ada:pass@db/turnout");
    }
    let settings = directory.write("settings.toml", &format!("[database]\nurl_file = \"{path}\"\n"));
    let mut sources = Sources { file: Some(settings), ..environment(&[]) };
    assert!(Config::load(&sources).unwrap().database.url.is_some());
    sources.environment.push(("DATABASE_URL".to_owned(), "postgres://other".to_owned()));
    assert_eq!(Config::load(&sources).unwrap().database.url.unwrap().expose_secret(), "postgres://other");
}

#[test]
fn a_secret_given_twice_or_missing_is_refused() {
    let directory = Directory::new("twice");
    let file = directory.write("url", "postgres://db");
    let path = file.to_str().unwrap();
    assert_eq!(problems(&environment(&[("DATABASE_URL", "postgres://a"), ("DATABASE_URL_FILE", path)])).len(), 1);
    assert!(
        problems(&environment(&[("TURNOUT_VAULT__KEY_FILE", "/nowhere/key")]))[0]
            .contains("/nowhere/key cannot be read")
    );
    let empty = directory.write("empty", "\n");
    assert!(problems(&environment(&[("TURNOUT_SMTP__URL_FILE", empty.to_str().unwrap())]))[0].contains("is empty"));
}

#[test]
fn no_secret_is_shown_anywhere() {
    let key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=";
    let config = Config::load(&environment(&[
        ("DATABASE_URL", "postgres://ada:hunter2@db/turnout"),
        ("TURNOUT_SMTP__URL", "smtps://ada:hunter2@mail"),
        ("TURNOUT_VAULT__KEY", key),
        ("TURNOUT_PAYMENTS__TEST_WEBHOOK_SECRET", "hunter2"),
    ]))
    .unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(!shown.contains("hunter2") && !shown.contains(key), "{shown}");
    for wrong in ["mysql://ada:hunter2@db", "hunter2"] {
        assert!(!problems(&environment(&[("DATABASE_URL", wrong)]))[0].contains("hunter2"));
        assert!(!problems(&environment(&[("TURNOUT_VAULT__KEY", wrong)]))[0].contains("hunter2"));
    }
}

#[test]
fn the_public_origin_follows_the_address_listened_on() {
    let http = |pairs: &[(&str, &str)]| Config::load(&environment(pairs)).unwrap().http;
    let origin = |address: &str| http(&[]).origin(address.parse().unwrap());
    assert_eq!(origin("127.0.0.1:3000"), "http://127.0.0.1:3000");
    assert_eq!(origin("0.0.0.0:80"), "http://localhost:80");
    assert_eq!(origin("[::]:80"), "http://localhost:80");
    let configured = http(&[("TURNOUT_HTTP__PUBLIC_URL", "https://Tickets.example.org/")]);
    assert_eq!(configured.origin("0.0.0.0:80".parse().unwrap()), "https://tickets.example.org");
}

#[test]
fn a_network_holds_its_addresses_and_no_others() {
    let holds = |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
    assert!(
        holds("10.0.0.0/8", "10.200.3.4") && holds("10.0.0.0/8", "::ffff:10.1.1.1") && holds("0.0.0.0/0", "8.8.8.8")
    );
    assert!(!holds("10.0.0.0/8", "11.0.0.1") && !holds("10.0.0.1", "10.0.0.2") && !holds("10.0.0.0/8", "::1"));
    assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1") && holds("::1", "::1"));
}

#[test]
fn lists_in_the_environment_are_separated_by_commas() {
    let config =
        Config::load(&environment(&[("TURNOUT_HTTP__CORS_ORIGINS", "https://a.example, https://b.example")])).unwrap();
    assert_eq!(config.http.cors_origins, ["https://a.example", "https://b.example"]);
}

#[test]
fn root_keeps_its_data_under_var_lib() {
    let sources = Sources { is_root: true, ..environment(&[]) };
    assert_eq!(Config::load(&sources).unwrap().data.directory, Path::new("/var/lib/turnout"));
}
