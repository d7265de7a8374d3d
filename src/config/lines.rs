//! [`Lines`]: from an offset in the file to its line.

/// The lines of a text and where they start.
pub(super) struct Lines<'t>(Vec<(usize, &'t str)>);

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let starts = text.split_inclusive('\n').scan(0, |next, line| {
            let start = *next;
            *next += line.len();
            Some((start, line))
        });
        Self(starts.collect())
    }

    /// Returns the line, from 1, of an offset in bytes; the end of the text is in its last line.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|(start, _)| *start <= offset).max(1)
    }

    /// Returns the text of a line, from 1.
    pub(super) fn text(&self, line: usize) -> &'t str {
        line.checked_sub(1).and_then(|index| self.0.get(index)).map_or("", |(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_of_every_offset() {
        let lines = Lines::new("a\r\n\nbc\n");
        let found: Vec<_> = (0..8).map(|offset| lines.at(offset)).collect();
        assert_eq!(found, [1, 1, 1, 2, 3, 3, 3, 3]);
        assert_eq!(lines.text(3), "bc\n");
        assert_eq!((lines.text(0), lines.text(4)), ("", ""));
        assert_eq!(Lines::new("").at(0), 1);
    }
}
