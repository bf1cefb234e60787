//! What the site and the composition root may call. Functions with a `tx` are operations for `db.read` and `db.write` in the scope that
//! their comment names; functions with a `platform` choose their own.

pub use crate::account::edit::{EditAccount, edit_account};
pub use crate::account::model::{Account, Locale};
pub use crate::account::show::account;
pub use crate::api_key::create::{CreateApiKey, CreateApiKeyRefusal, create_api_key};
pub use crate::api_key::model::TOKEN_PREFIX as API_KEY_PREFIX;
pub use crate::invitation::accept::{AcceptInvitation, AcceptInvitationRefusal, accept_invitation};
pub use crate::invitation::invite::{Invite, InviteRefusal, Invited, Inviter, invite};
pub use crate::label::Label;
pub use crate::member::list::organisations_of;
pub use crate::member::model::Membership;
pub use crate::organisation::create::{CreateOrganisation, CreateOrganisationRefusal, create_organisation};
pub use crate::organisation::model::{OrganisationFacts, OrganisationSlug};
pub use crate::organisation::show::{find_organisation_by_slug, organisation_facts};
pub use crate::secret::{Secret, TenantToken};
pub use crate::session::model::{SESSION_TTL_DAYS, SessionKind};
pub use crate::session::sign_out::sign_out;
pub use crate::session::user_agent::user_agent;
pub use crate::sign_in::begin::{Begin, Begun, COOKIE_TTL as SIGN_IN_COOKIE_TTL, begin, browser_secret};
pub use crate::sign_in::link::{ShowLink, VerifyLink, show_link, verify_link};
pub use crate::sign_in::model::{Code, NotACode, ReturnTo, SIGN_IN_TTL_MINUTES, SignIn, VerifyRefusal};
pub use crate::sign_in::verify::{Client, SignedIn, VerifyCode, verify_code};

/// How long a browser keeps its session cookie: as long as the session may last.
pub const SESSION_COOKIE_TTL: std::time::Duration =
    std::time::Duration::from_secs(SESSION_TTL_DAYS.unsigned_abs() * 24 * 60 * 60);

use kernel::Email;
use platform::{Failure, Never, Tx};

/// Finds the account of an address or makes it, for demo data and operators; people get theirs by signing in. Any scope.
pub async fn register(tx: &mut Tx, email: Email) -> Result<Account, Failure<Never>> {
    Ok(crate::account::store::find_or_insert(tx, &email).await?)
}
