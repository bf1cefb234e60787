//! A device at the door. Pure.

use jiff::{SignedDuration, Timestamp};
use kernel::{DeviceId, ListId, OrganisationId};
use serde::Serialize;

/// How old `last_seen_at` may grow before a request renews it.
pub const SEEN_AGAIN_SECONDS: i64 = 60;

/// A phone that scans for one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Which one.
    pub id: DeviceId,
    /// The list that it scans for.
    pub list: ListId,
    /// What it is called.
    pub name: String,
    /// Since when its link works.
    pub created_at: Timestamp,
    /// When it was heard of last, a minute more or less.
    pub last_seen_at: Option<Timestamp>,
    /// Since when its link does not work any more.
    pub revoked_at: Option<Timestamp>,
}

impl Device {
    /// Whether it is time to note that the device was heard of.
    pub fn is_seen_anew(&self, now: Timestamp) -> bool {
        self.last_seen_at.is_none_or(|last| now.duration_since(last) >= SignedDuration::from_secs(SEEN_AGAIN_SECONDS))
    }
}

/// A device at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeviceView {
    /// Which one.
    pub id: DeviceId,
    /// The list that it scans for.
    pub list_id: ListId,
    /// What it is called.
    pub name: String,
    /// Since when its link works.
    pub created_at: Timestamp,
    /// When it was heard of last, a minute more or less; null when its link was never opened.
    pub last_seen_at: Option<Timestamp>,
    /// Since when its link does not work any more; null while it does.
    pub revoked_at: Option<Timestamp>,
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            list_id: device.list,
            name: device.name,
            created_at: device.created_at,
            last_seen_at: device.last_seen_at,
            revoked_at: device.revoked_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_device_is_noted_once_a_minute() {
        let now: Timestamp = "2027-03-12T19:00:00Z".parse().unwrap();
        let device = |last_seen_at| Device {
            organisation: Uuid::nil().into(),
            id: Uuid::nil().into(),
            list: Uuid::nil().into(),
            name: String::new(),
            created_at: now,
            last_seen_at,
            revoked_at: None,
        };
        assert!(device(None).is_seen_anew(now));
        assert!(!device(Some(now - SignedDuration::from_secs(59))).is_seen_anew(now));
        assert!(device(Some(now - SignedDuration::from_secs(60))).is_seen_anew(now));
    }
}
