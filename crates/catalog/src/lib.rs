//! Events, organisations' pages, media, discovery.
