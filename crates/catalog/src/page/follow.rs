//! Follows what identity says of an organisation, so that pages and tickets can name it.

use kernel::OrganisationId;
use kernel::Timestamp;
use kernel::events::{OrganisationCreated, OrganisationEdited, OrganisationProfile};
use platform::db::Tx;
use platform::jobs::JobFailure;
use platform::journal::{Delivered, Subscriber};
use platform::{Failure, Never, Platform, Scope};

use super::store;

/// What an organisation shows to the public since an instant.
#[derive(Debug, Clone)]
pub struct Follow {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// What it shows.
    pub profile: OrganisationProfile,
    /// When that was recorded.
    pub recorded_at: Timestamp,
}

/// Makes the page say what identity says. Harmless when run twice, and when an older change comes after a newer one.
pub async fn follow(tx: &mut Tx, command: Follow) -> Result<(), Failure<Never>> {
    Ok(store::follow(tx, command.organisation, &command.profile, command.recorded_at).await?)
}

/// The subscribers that keep pages up to date.
pub(crate) fn subscribers() -> Vec<Subscriber> {
    vec![
        Subscriber::new("catalog.follow_new_organisation", |platform, delivered: Delivered<OrganisationCreated>| {
            let command = Follow {
                organisation: delivered.event.organisation,
                profile: delivered.event.profile,
                recorded_at: delivered.recorded_at,
            };
            run(platform, command)
        }),
        Subscriber::new("catalog.follow_organisation", |platform, delivered: Delivered<OrganisationEdited>| {
            let command = Follow {
                organisation: delivered.event.organisation,
                profile: delivered.event.profile,
                recorded_at: delivered.recorded_at,
            };
            run(platform, command)
        }),
    ]
}

async fn run(platform: Platform, command: Follow) -> Result<(), JobFailure> {
    platform.db.write(Scope::Tenant(command.organisation), "follow_organisation", command, follow).await?;
    Ok(())
}
