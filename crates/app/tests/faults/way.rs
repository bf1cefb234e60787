//! A server's way to a database of its own, through a proxy that can break it.

use faultproxy::{Address, Protocol, Proxy};
use testkit::Database;

/// A proxy before a database.
pub struct Way {
    /// What breaks it.
    pub proxy: Proxy,
    /// Where it leads.
    pub database: Database,
}

/// The same seed breaks the same, as far as connections come in the same order.
const SEED: u64 = 20_261_125;

impl Way {
    /// To a database of its own.
    pub async fn to(database: &Database) -> Self {
        let options = database.options();
        let socket = options.get_socket().unwrap().join(format!(".s.PGSQL.{}", options.get_port()));
        let proxy = Proxy::start(&Address::free_port(), Address::Unix(socket), Protocol::Postgres, SEED).await.unwrap();
        Self { proxy, database: database.clone() }
    }

    /// For `database.url`.
    pub fn url(&self) -> String {
        let options = self.database.options();
        let (role, database) = (options.get_username().to_owned(), options.get_database().unwrap().to_owned());
        format!("postgres://{role}@{}/{database}?sslmode=disable", self.proxy.address())
    }
}
