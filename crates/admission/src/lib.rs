//! Check-in lists, devices, scans.
