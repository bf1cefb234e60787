//! Which providers this server has, by its configuration.

use std::sync::Arc;

use platform::Platform;
use platform::config::TestProvider;

use super::{Provider, ProviderName};
use crate::test_provider::TestProviderClient;

/// The provider that new payments go to; none when the operator has switched the only one off.
pub fn default_provider(platform: &Platform) -> Option<Arc<dyn Provider>> {
    find_provider(platform, ProviderName::Test)
}

/// A provider by name, when it is configured.
pub fn find_provider(platform: &Platform, name: ProviderName) -> Option<Arc<dyn Provider>> {
    match (name, platform.config.payments.test_provider) {
        (ProviderName::Test, TestProvider::On | TestProvider::Auto) => {
            Some(Arc::new(TestProviderClient::new(platform)))
        }
        (ProviderName::Test, TestProvider::Off) => None,
    }
}
