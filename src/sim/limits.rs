//! The exchange's limits: requests a second of each path, refused beyond.

use std::collections::HashMap;

/// Counts the requests of each path in the present second.
#[derive(Debug, Default)]
pub(super) struct Limits {
    windows: HashMap<&'static str, (i64, u32)>,
}

impl Limits {
    /// Counts a request and returns how many are left; `None` when it is one too many.
    pub(super) fn take(&mut self, path: &'static str, limit: u32, now_ms: i64) -> Option<u32> {
        let second = now_ms.div_euclid(1_000);
        let window = self.windows.entry(path).or_insert((second, 0));
        if window.0 != second {
            *window = (second, 0);
        }
        window.1 += 1;
        limit.checked_sub(window.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_refused_until_the_next_second() {
        let mut limits = Limits::default();
        assert_eq!(limits.take("/a", 2, 1_000), Some(1));
        assert_eq!(limits.take("/a", 2, 1_500), Some(0));
        assert_eq!(limits.take("/a", 2, 1_999), None);
        assert_eq!(limits.take("/b", 2, 1_999), Some(1));
        assert_eq!(limits.take("/a", 2, 2_000), Some(1));
    }
}
