//! Moves a selection, which is an identity and not a row number.

/// Moves a selection among the rows that are shown.
pub(crate) fn step_selection<K: Clone + PartialEq>(
    shown: &[K],
    selected: &mut Option<K>,
    to: impl Fn(usize, usize) -> usize,
) {
    let last = shown.len().saturating_sub(1);
    let at = selected.as_ref().and_then(|key| shown.iter().position(|shown| shown == key));
    let next = match at {
        Some(at) => to(at, last),
        // The first step down goes to the first row.
        None => match to(0, usize::MAX) {
            1 => 0,
            next => next.min(last),
        },
    };
    *selected = shown.get(next).cloned();
}

/// Returns what comes after or before one of a list; after the last comes the first. `None` of an empty list.
pub(super) fn around<T: Copy + PartialEq>(all: &[T], held: T, onward: bool) -> Option<T> {
    let at = all.iter().position(|one| *one == held).unwrap_or(0);
    let by = if onward { 1 } else { all.len().saturating_sub(1) };
    all.get((at + by).checked_rem(all.len())?).copied()
}
