//! The whole way of a byte: read, decoded, applied and drawn, in any order with sizes and time.

use proptest::prelude::*;

use super::*;

/// Begins of what terminals send, and what ends it.
const PIECES: [&[u8]; 16] = [
    b"\x1b",
    b"\x1b[",
    b"\x1bO",
    b"\x1b]11;rgb:",
    b"\x1bP1+r",
    b"\x1b[<0;1;1",
    b"\x1b[M",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[99;5u",
    b"\x1b\\",
    b"\x07",
    b";:",
    b"M",
    "\u{725b}".as_bytes(),
    b"\x80\xff",
];
/// Keys that open something: views, overlays, the filter, the command line.
const KEYS: &[u8] = b"1234567?/:\r\t\x7fhjklgGsSfpwy+-=[]{}\x0c tTa`";

/// What may happen while the loop waits. Keys that quit are left out: what follows would not be tried.
fn any_step() -> impl Strategy<Value = Step> {
    let bytes = prop::collection::vec(any::<u8>(), 0..12).prop_map(|mut bytes| {
        bytes.retain(|byte| !matches!(byte, b'q' | b'Q' | 3 | b'z' | 26));
        Step::Bytes(bytes)
    });
    prop_oneof![
        4 => bytes,
        6 => prop::collection::vec(prop::sample::select(KEYS), 1..4).prop_map(Step::Bytes),
        4 => prop::sample::select(&PIECES[..]).prop_map(sent),
        2 => (0..1_500_u64).prop_map(Step::Pass),
        1 => Just(Step::Change),
        1 => (0..140_u16, 0..45_u16).prop_map(|(width, height)| Step::Resize(width, height)),
        1 => Just(Step::Continue),
    ]
}

proptest! {
    /// Whatever comes, the loop draws it, and ends with Ctrl-C.
    #[test]
    fn whatever_the_terminal_sends_is_drawn_and_ctrl_c_ends_it(
        steps in prop::collection::vec(any_step(), 0..24),
    ) {
        let end = [Step::Pass(2_000), sent(b"\x03"), Step::Hang];
        let steps = steps.into_iter().chain(end).collect();
        let (exit, record, _) = play_on(&mut holding(), (80, 24), Duration::ZERO, steps);
        prop_assert_eq!(exit, Exit::Quit);
        let drawn = record.painted.concat();
        prop_assert!(drawn.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
