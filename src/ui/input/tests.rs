//! Every sequence whole and cut at every byte, and what time does.

use proptest::prelude::*;

use super::*;
use crate::ui::keymap::{Action, action_of};
use crate::ui::terminal_colors::Rgb;

type Keys = Vec<(KeyCode, KeyModifiers)>;

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

const fn letter(letter: char) -> KeyCode {
    KeyCode::Char(letter)
}

/// Every way to press a key.
const PRESSED: &[(&[u8], KeyCode, KeyModifiers)] = &[
    // Letters and control characters.
    (b"q", letter('q'), NONE),
    (b"G", letter('G'), SHIFT),
    ("é".as_bytes(), letter('é'), NONE),
    ("牛".as_bytes(), letter('牛'), NONE),
    ("👩".as_bytes(), letter('👩'), NONE),
    (b"\x00", letter(' '), CTRL),
    (b"\x03", letter('c'), CTRL),
    (b"\x0c", letter('l'), CTRL),
    (b"\x1a", letter('z'), CTRL),
    (b"\x1f", letter('7'), CTRL),
    (b"\r", KeyCode::Enter, NONE),
    (b"\t", KeyCode::Tab, NONE),
    (b"\x08", KeyCode::Backspace, NONE),
    (b"\x7f", KeyCode::Backspace, NONE),
    // Escape, and Alt as an escape before.
    (b"\x1b", KeyCode::Esc, NONE),
    (b"\x1b\x1b", KeyCode::Esc, NONE),
    (b"\x1bx", letter('x'), ALT),
    (b"\x1bG", letter('G'), ALT.union(SHIFT)),
    (b"\x1b\x7f", KeyCode::Backspace, ALT),
    ("\x1bé".as_bytes(), letter('é'), ALT),
    (b"\x1b\x1b[A", KeyCode::Up, ALT),
    (b"\x1b\x1bOA", KeyCode::Up, ALT),
    // Arrows, Home and End, in both modes of the cursor keys and with modifiers.
    (b"\x1b[A", KeyCode::Up, NONE),
    (b"\x1b[B", KeyCode::Down, NONE),
    (b"\x1b[C", KeyCode::Right, NONE),
    (b"\x1b[D", KeyCode::Left, NONE),
    (b"\x1bOA", KeyCode::Up, NONE),
    (b"\x1bOB", KeyCode::Down, NONE),
    (b"\x1bOC", KeyCode::Right, NONE),
    (b"\x1bOD", KeyCode::Left, NONE),
    (b"\x1b[1;2A", KeyCode::Up, SHIFT),
    (b"\x1b[1;3B", KeyCode::Down, ALT),
    (b"\x1b[1;5C", KeyCode::Right, CTRL),
    (b"\x1b[1;8D", KeyCode::Left, SHIFT.union(ALT).union(CTRL)),
    (b"\x1bO5C", KeyCode::Right, CTRL),
    (b"\x1bO1;5D", KeyCode::Left, CTRL),
    (b"\x1b[H", KeyCode::Home, NONE),
    (b"\x1bOH", KeyCode::Home, NONE),
    (b"\x1b[1~", KeyCode::Home, NONE),
    (b"\x1b[7~", KeyCode::Home, NONE),
    (b"\x1b[1;5H", KeyCode::Home, CTRL),
    (b"\x1b[F", KeyCode::End, NONE),
    (b"\x1bOF", KeyCode::End, NONE),
    (b"\x1b[4~", KeyCode::End, NONE),
    (b"\x1b[8~", KeyCode::End, NONE),
    (b"\x1b[1;2F", KeyCode::End, SHIFT),
    // The other keys of the block, and Shift-Tab.
    (b"\x1b[3~", KeyCode::Delete, NONE),
    (b"\x1b[3;5~", KeyCode::Delete, CTRL),
    (b"\x1b[5~", KeyCode::PageUp, NONE),
    (b"\x1b[5;3~", KeyCode::PageUp, ALT),
    (b"\x1b[6~", KeyCode::PageDown, NONE),
    (b"\x1b[6;2~", KeyCode::PageDown, SHIFT),
    (b"\x1b[Z", KeyCode::BackTab, SHIFT),
    (b"\x1b[1;2Z", KeyCode::BackTab, SHIFT),
    // rxvt.
    (b"\x1b[a", KeyCode::Up, SHIFT),
    (b"\x1bOd", KeyCode::Left, CTRL),
    (b"\x1b[7$", KeyCode::Home, SHIFT),
    (b"\x1b[5^", KeyCode::PageUp, CTRL),
    (b"\x1b[6@", KeyCode::PageDown, CTRL.union(SHIFT)),
    // The keypad in its application mode.
    (b"\x1bOM", KeyCode::Enter, NONE),
    (b"\x1bOX", letter('='), NONE),
    (b"\x1bOk", letter('+'), NONE),
    (b"\x1bOm", letter('-'), NONE),
    (b"\x1bOo", letter('/'), NONE),
    (b"\x1bOp", letter('0'), NONE),
    (b"\x1bOy", letter('9'), NONE),
    // Enhanced modes: kitty's.
    (b"\x1b[27u", KeyCode::Esc, NONE),
    (b"\x1b[13u", KeyCode::Enter, NONE),
    (b"\x1b[9u", KeyCode::Tab, NONE),
    (b"\x1b[9;2u", KeyCode::Tab, SHIFT),
    (b"\x1b[127u", KeyCode::Backspace, NONE),
    (b"\x1b[113u", letter('q'), NONE),
    (b"\x1b[113;1:1u", letter('q'), NONE),
    (b"\x1b[113;1:2u", letter('q'), NONE),
    (b"\x1b[103;2u", letter('G'), SHIFT),
    (b"\x1b[103:71;2u", letter('G'), SHIFT),
    (b"\x1b[47:63;2u", letter('?'), SHIFT),
    (b"\x1b[47;2;63u", letter('?'), SHIFT),
    (b"\x1b[223;2u", letter('ß'), SHIFT),
    (b"\x1b[1081::113u", letter('й'), NONE),
    (b"\x1b[99;5u", letter('c'), CTRL),
    (b"\x1b[99;5:1u", letter('c'), CTRL),
    (b"\x1b[99;69u", letter('c'), CTRL),
    (b"\x1b[99;133u", letter('c'), CTRL),
    (b"\x1b[1089::99;5u", letter('c'), CTRL),
    (b"\x1b[1089:1057:99;5u", letter('c'), CTRL),
    (b"\x1b[99::105;5u", letter('c'), CTRL),
    (b"\x1b[1;1:1A", KeyCode::Up, NONE),
    (b"\x1b[1;129B", KeyCode::Down, NONE),
    (b"\x1b[5;1:2~", KeyCode::PageUp, NONE),
    // Enhanced modes: `modifyOtherKeys`.
    (b"\x1b[27;5;99~", letter('c'), CTRL),
    (b"\x1b[27;2;63~", letter('?'), SHIFT),
    (b"\x1b[27;2;9~", KeyCode::Tab, SHIFT),
    (b"\x1b[27;1;13~", KeyCode::Enter, NONE),
];

/// Everything else that terminals send.
const SWALLOWED: &[&[u8]] = &[
    // Function keys of xterm, rxvt, the Linux console and kitty, Insert, the middle of the keypad.
    b"\x1bOP",
    b"\x1bOS",
    b"\x1bO5P",
    b"\x1b[11~",
    b"\x1b[15~",
    b"\x1b[15;2~",
    b"\x1b[24~",
    b"\x1b[1;2P",
    b"\x1b[1;5S",
    b"\x1b[23$",
    b"\x1b[23@",
    b"\x1b[[A",
    b"\x1b[[E",
    b"\x1b[57376u",
    b"\x1b[57441;2u",
    b"\x1b[2~",
    b"\x1b[E",
    // Releases, and keys of the window manager.
    b"\x1b[113;1:3u",
    b"\x1b[99;5:3u",
    b"\x1b[27;1:3u",
    b"\x1b[1;1:3A",
    b"\x1b[5;1:3~",
    b"\x1b[113;9u",
    b"\x1b[99;13u",
    // Pastes.
    b"\x1b[200~\x1b[201~",
    b"\x1b[200~qqq\tq\r\nq\x1b[A\x1bOBq\xc3\xa9\x1b[201~",
    // Focus, in and out.
    b"\x1b[I",
    b"\x1b[O",
    // Colours: of the text, of the background, of the palette, with both ends.
    b"\x1b]10;rgb:d0d0/d0d0/d0d0\x07",
    b"\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\",
    b"\x1b]11;rgb:1c1c/1c1c/1c1c\x07",
    b"\x1b]11;rgba:1c1c/1c1c/1c1c/ffff\x1b\\",
    b"\x1b]4;1;rgb:cd00/0000/0000\x07",
    b"\x1b]4;1;rgb:cd00/0000/0000\x1b\\",
    // Title, clipboard.
    "\x1b]lÜ qq\x1b\\".as_bytes(),
    b"\x1b]52;c;cXFxcQ==\x07",
    // DCS: version, terminfo, settings, unit; APC; PM; SOS.
    b"\x1bP>|XTerm(370)\x1b\\",
    b"\x1bP1+r544e=787465726d2d323536636f6c6f72\x1b\\",
    b"\x1bP0+r\x1b\\",
    b"\x1bP1$r0;1m\x1b\\",
    b"\x1bP!|7E565445\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b^q\x1b\\",
    b"\x1bXq\x1b\\",
    // DA of three kinds, also a long one; DSR; CPR; DECRPM; reports of size, colours, keyboard flags.
    b"\x1b[?62;22c",
    b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29;42;52c",
    b"\x1b[>0;276;0c",
    b"\x1b[=0c",
    b"\x1b[0n",
    b"\x1b[12;40R",
    b"\x1b[?12;40R",
    b"\x1b[?2026;2$y",
    b"\x1b[4;2$y",
    b"\x1b[8;24;80t",
    b"\x1b[48;24;80;480;800t",
    b"\x1b[?997;1n",
    b"\x1b[?0u",
    b"\x1b[?15u",
    b"\x1b[>4;2m",
    // The mouse: X10 with letters, with a place that a byte cannot name, with bytes that are no UTF-8; UTF-8
    // with one and two long coordinates; rxvt; SGR.
    b"\x1b[M qq",
    b"\x1b[M#Qq",
    b"\x1b[M \x00q",
    b"\x1b[M \xc1\xf0",
    b"\x1b[M \xf0\xc1",
    "\x1b[M \u{b5}q".as_bytes(),
    "\x1b[M \u{3b5}\u{b5}".as_bytes(),
    b"\x1b[32;10;10M",
    b"\x1b[<0;10;10M",
    b"\x1b[<0;10;10m",
    b"\x1b[<64;133;1M",
    // Unknown, too long, and no letters.
    b"\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16A",
    b"\x1b[99999999999~",
    b"\x1b[?1h",
    b"\xff",
    b"\x80",
];

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + ms)
}

/// Takes pieces that come one after the other, and then silence until nothing is waited for. As in the loop,
/// the present is looked at whenever a wait would have ended.
fn keys_of(pieces: &[&[u8]], gap_ms: i64) -> Keys {
    let (mut input, mut now, mut keys) = (Input::default(), 0, Vec::new());
    for piece in pieces {
        keys.extend(input.take(piece, at(now)));
        now += gap_ms;
        keys.extend(input.take(b"", at(now)));
    }
    while let Some(wait) = input.wait(at(now)) {
        now += i64::try_from(wait.as_millis()).unwrap();
        keys.extend(input.take(b"", at(now)));
    }
    keys.into_iter().map(|key| (key.code, key.modifiers)).collect()
}

fn keys(bytes: &[u8]) -> Keys {
    keys_of(&[bytes], 0)
}

/// Whole, cut in two at every byte and in single bytes, with 20 ms between the pieces; then with a key behind
/// it, which must be that key.
fn assert_keys(bytes: &[u8], wanted: &Keys) {
    let shown = bytes.escape_ascii();
    assert_eq!(keys(bytes), *wanted, "{shown}");
    for cut in 1..bytes.len() {
        let (first, second) = bytes.split_at(cut);
        assert_eq!(keys_of(&[first, second], 20), *wanted, "{shown} cut at {cut}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(keys_of(&single, 20), *wanted, "{shown} in single bytes");
    // An escape and a letter at once are the letter with Alt.
    if bytes.iter().any(|byte| *byte != ESCAPE) {
        let followed = [bytes, b"q"].concat();
        let with_key = [wanted.as_slice(), &[(letter('q'), NONE)]].concat();
        assert_eq!(keys(&followed), with_key, "{shown} and a key");
        assert_eq!(keys_of(&[bytes, b"q"], 20), with_key, "{shown}, then a key");
    }
}

#[test]
fn every_key_is_known_whole_and_in_pieces() {
    for (bytes, code, modifiers) in PRESSED {
        assert_keys(bytes, &vec![(*code, *modifiers)]);
    }
}

#[test]
fn everything_else_is_swallowed_whole_and_in_pieces() {
    for bytes in SWALLOWED {
        assert_keys(bytes, &Vec::new());
    }
}

/// An escape is a key only when the rest of a sequence had its time.
#[test]
fn an_escape_alone_counts_after_25_ms() {
    let mut input = Input::default();
    assert!(input.take(b"\x1b", at(0)).is_empty());
    assert!(input.is_undecided());
    assert_eq!(input.wait(at(0)), Some(ESCAPE_WAIT));
    assert!(input.take(b"", at(24)).is_empty());
    assert_eq!(input.wait(at(24)), Some(Duration::from_millis(1)));
    assert_eq!(input.take(b"", at(25)), [KeyEvent::new(KeyCode::Esc, NONE)]);
    assert_eq!((input.wait(at(25)), input.is_undecided()), (None, false));
}

/// At 60 keys a second, which is faster than an escape counts.
#[test]
fn an_escape_that_is_held_repeats_and_holds_nothing_up() {
    let (mut input, mut count) = (Input::default(), 0);
    for press in 0..60 {
        count += input.take(b"\x1b", at(press * 16)).len();
        assert_eq!(input.is_undecided(), press == 0);
    }
    assert_eq!(count, 58, "the last two may be Alt with another key");
    assert_eq!(keys(b"\x1b\x1b\x1b[A"), [(KeyCode::Esc, NONE), (KeyCode::Up, ALT)]);
}

/// The process may have been held up: what has come meanwhile is the rest, however late it is read.
#[test]
fn what_was_there_to_read_is_never_late() {
    let mut input = Input::default();
    assert!(input.take(b"\x1b", at(0)).is_empty());
    assert_eq!(input.take(b"[A", at(5_000)), [KeyEvent::new(KeyCode::Up, NONE)]);
    assert!(input.take(b"\x1b[200~a", at(6_000)).is_empty());
    assert!(input.take(b"q\x1b[201~", at(60_000)).is_empty());
}

#[test]
fn keys_pressed_at_the_same_moment_are_all_there() {
    let up = (KeyCode::Up, NONE);
    assert_eq!(keys(b"\x1b[A\x1b[A"), [up, up]);
    assert_eq!(keys(b"j\x1b[Aq"), [(letter('j'), NONE), up, (letter('q'), NONE)]);
    assert_eq!(keys(b"q\x1b"), [(letter('q'), NONE), (KeyCode::Esc, NONE)]);
    assert_eq!(keys(b"\x1b\r"), [(KeyCode::Enter, NONE)]);
    // A sequence that was cut off by another one.
    assert_eq!(keys(b"\x1b[1;\x1b[A"), [up]);
    assert_eq!(keys(b"\x1b]11;rgb:\x1b[A"), [up]);
    assert_eq!(keys("\u{e9}".as_bytes().split_at(1).0), []);
    assert_eq!(keys(b"\xe2\x82q"), [(letter('q'), NONE)]);
}

/// A report or an answer that never ends holds the keyboard for a second at most.
#[test]
fn what_has_no_end_ends_with_a_second_of_silence() {
    for begun in [
        b"\x1b[".as_slice(),
        b"\x1bO",
        b"\x1b[1;",
        b"\x1b[[",
        b"\x1b[M ",
        b"\x1b]11;rgb",
        b"\x1bP1+r\x1b",
        b"\xe2\x82",
        b"\x1b[200~q",
        b"\x1b[200~q\x1b[201",
    ] {
        let mut input = Input::default();
        assert!(input.take(begun, at(0)).is_empty());
        assert!(!input.is_undecided(), "the screen is drawn meanwhile");
        assert!(input.take(b"", at(999)).is_empty());
        assert_eq!(input.wait(at(999)), Some(Duration::from_millis(1)));
        assert!(input.take(b"", at(1_000)).is_empty());
        assert_eq!(input.wait(at(1_000)), None);
        assert_eq!(input.take(b"q", at(1_001)), [KeyEvent::new(letter('q'), NONE)]);
    }
}

#[test]
fn a_paste_whose_end_is_lost_ends_with_the_next_control_key() {
    for (key, wanted) in [
        (b"\x0c".as_slice(), vec![(letter('l'), CTRL)]),
        (b"\x1b[108;5u", vec![(letter('l'), CTRL)]),
        // What a pasted text may contain does not end it.
        (b"\r", vec![]),
        (b"\n", vec![]),
        (b"\t", vec![]),
        (b"\x1b[B", vec![]),
    ] {
        let lost = [b"\x1b[200~abc", key].concat();
        assert_eq!(keys(&lost), wanted, "{}", lost.escape_ascii());
        let after = [lost.as_slice(), b"q"].concat();
        assert_eq!(keys(&after).len(), wanted.len() * 2, "{}", after.escape_ascii());
    }
    // The Escape key too, but not before the mark of the end had its second.
    assert_eq!(keys(b"\x1b[200~abc\x1b"), [(KeyCode::Esc, NONE)]);
    assert_eq!(keys_of(&[b"\x1b[200~abc\x1b", b"[201~q"], 900), [(letter('q'), NONE)]);
}

/// In every encoding, on every keyboard, whatever has begun.
#[test]
fn nothing_holds_ctrl_c_back() {
    let begun: [&[u8]; 13] = [
        b"",
        b"\x1b",
        b"\x1b[",
        b"\x1bO",
        b"\x1b[1;",
        b"\x1b[[",
        b"\x1b[M ",
        b"\xe2\x82",
        b"\x1b]11;rgb",
        b"\x1bP1+r",
        b"\x1b_G\x1b",
        b"\x1b[200~abc",
        b"\x1b[200~abc\x1b[",
    ];
    let pressed: [&[u8]; 10] = [
        b"\x03",
        b"\x1b[99;5u",
        b"\x1b[99;5:1u",
        b"\x1b[99;69u",
        b"\x1b[99;6u",
        b"\x1b[67;6u",
        b"\x1b[1089::99;5u",
        b"\x1b[1089:1057:99;5:1u",
        b"\x1b[27;5;99~",
        b"\x1b[27;5;67~",
    ];
    for begun in begun {
        for pressed in pressed {
            let bytes = [begun, pressed].concat();
            let mut input = Input::default();
            let found = input.take(&bytes, at(0));
            let action = found.last().and_then(action_of);
            assert_eq!(action, Some(Action::Quit), "{}", bytes.escape_ascii());
        }
    }
}

proptest! {
    /// Cut anywhere, it is the same, and after a second of silence the next key is that key.
    #[test]
    fn any_bytes_are_survived_in_any_pieces(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        more in proptest::collection::vec(prop::sample::select(b"\x1b[]O;:PM_?<019~u\x07\\q".to_vec()), 0..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes = [more, bytes].concat();
        let (first, second) = bytes.split_at(cut.index(bytes.len() + 1));
        prop_assert_eq!(keys_of(&[first, second], 20), keys(&bytes));
        let mut input = Input::default();
        input.take(&bytes, at(0));
        let found = input.take(b"\x03", at(1));
        prop_assert_eq!(found.last().and_then(action_of), Some(Action::Quit));
        prop_assert_eq!(input.wait(at(1)), None, "nothing is left open by Ctrl-C");
        input.take(&bytes, at(2));
        input.take(b"", at(1_002));
        prop_assert_eq!(input.take(b"q", at(1_003)), [KeyEvent::new(letter('q'), NONE)]);
    }
}

/// The answers may come whenever they like: they are heard, and no part of them is typed.
#[test]
fn the_colours_are_heard_in_every_form_and_cut_at_every_byte() {
    let black = Some(Rgb([0; 3]));
    let white = Some(Rgb([1_000; 3]));
    let of = |letters, background| Some(TerminalColors { letters, background });
    for (answer, told) in [
        ("\x1b]11;rgb:0000/2b2b/3636\x1b\\", of(None, Some(Rgb([0, 168, 211])))),
        ("\x1b]11;rgb:fdfd/f6f6/e3e3\x07", of(None, Some(Rgb([992, 964, 890])))),
        ("\x1b]11;rgb:ff/ff/ff\x07", of(None, white)),
        ("\x1b]11;rgba:0000/0000/0000/ffff\x1b\\", of(None, black)),
        ("\x1b]11;rgb:f/f/f\x07", of(None, white)),
        ("\x1b]10;rgb:0/0/0\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x07", of(black, white)),
        // The background is what was asked last.
        ("\x1b]10;rgb:ffff/ffff/ffff\x07", None),
        ("\x1b]11;rgb:fffff/ffff/ffff\x07", None),
        ("\x1b]11;rgb:ffff/ffff\x07", None),
        ("\x1b]11;rgb:+fff/ffff/ffff\x07", None),
        ("\x1bP11;rgb:ffff/ffff/ffff\x1b\\", None),
        ("\x1b]11;rgb:ffff/ffff/ffff/ffff/ffff/ffff\x07", of(None, white)),
    ] {
        let bytes = answer.as_bytes();
        for cut in 0..=bytes.len() {
            let mut input = Input::default();
            let (first, rest) = bytes.split_at(cut);
            let mut keys = input.take(first, Timestamp::from_millis(0));
            // A look in between, before a wait can end.
            keys.extend(input.take(&[], Timestamp::from_millis(20)));
            keys.extend(input.take(rest, Timestamp::from_millis(20)));
            keys.extend(input.take(b"q", Timestamp::from_millis(20)));
            assert_eq!(keys.len(), 1, "{answer:?} at {cut}: {keys:?}");
            assert_eq!(input.colors(), told, "{answer:?} at {cut}");
            assert_eq!(input.colors(), None, "told once");
        }
    }
}
