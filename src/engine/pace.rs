//! [`Pace`]: how often reports are made.

use std::time::Duration;

/// How often reports are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Most reports a second, in the mean.
    pub max_per_second: u32,
    /// What nobody waits for waits this long for something that somebody does.
    pub company: Duration,
    /// What is told in several frames, such as an order, its fill and the position that it makes, is waited
    /// for this long.
    pub together: Duration,
    /// So many readings, of the three that may follow each other at once, all else leaves to what somebody waits for.
    pub reserved: u32,
}

impl Pace {
    /// Returns the pace for a screen with so many frames a second.
    pub const fn new(max_per_second: u32) -> Self {
        Self {
            max_per_second,
            company: Duration::from_millis(250),
            together: Duration::from_millis(25),
            reserved: 2,
        }
    }
}
