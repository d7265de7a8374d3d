//! The exchange's rate limits: requests per second and path.

use std::collections::HashMap;

/// Counts the requests to each path in the current second.
#[derive(Debug, Default)]
pub(super) struct RateLimits {
    windows: HashMap<&'static str, (i64, u32)>,
}

impl RateLimits {
    /// Counts a request and returns how many are left; `None` when it exceeds the limit.
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
        let mut limits = RateLimits::default();
        assert_eq!(limits.take("/a", 2, 1_000), Some(1));
        assert_eq!(limits.take("/a", 2, 1_500), Some(0));
        assert_eq!(limits.take("/a", 2, 1_999), None);
        assert_eq!(limits.take("/b", 2, 1_999), Some(1));
        assert_eq!(limits.take("/a", 2, 2_000), Some(1));
    }
}
