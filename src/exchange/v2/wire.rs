//! What several files of V2 share: names on the wire.

/// The field that says where the next page starts.
pub(super) const CURSOR: &str = "endId";
