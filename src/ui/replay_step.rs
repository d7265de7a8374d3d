//! [`ReplayStep`]: what a key or a line asks of a replay.

/// What a key or a line asks of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayStep {
    /// Stop, or go on.
    Pause,
    /// Play to the next reading, and stop.
    Reading,
    /// Play half as fast.
    Slower,
    /// Play twice as fast.
    Faster,
    /// Play to the next event, and stop.
    Event,
    /// Play to the next alert, and stop.
    Alert,
    /// Go a minute back.
    Back,
    /// Go a minute on.
    On,
    /// Go to this second of the day, by the zone of the screen.
    Seek(u32),
}

/// What the screen is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Playing {
    /// An exchange.
    #[default]
    Nothing,
    /// A recording.
    Recording,
}

/// Reads a time of day such as `14:05` or `14:05:30`, in seconds.
pub(crate) fn time_of_day(text: &str) -> Option<u32> {
    let mut parts = text.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let is_time = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    is_time.then_some(hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_of_day() {
        assert_eq!(time_of_day("14:05"), Some(50_700));
        assert_eq!(time_of_day("00:00:09"), Some(9));
        for text in ["", "14", "24:00", "14:60", "14:05:60", "1:2:3:4", "a:b", "14:05:x"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }
}
