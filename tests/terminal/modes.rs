//! The state that other programs leave a terminal in.

use rustix::process::Signal;
use vt100::MouseProtocolMode;

use super::program::Program;

/// Reports of the mouse and the focus, kitty's keyboard mode, `modifyOtherKeys`.
const LEFT_ON: &[u8] = b"\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[>31u\x1b[>4;2m";
const OFF: &[&[u8]] = &[b"\x1b[=0u", b"\x1b[>4;0m"];

/// vt100 knows the mouse; of the others it must be enough that they were sent.
fn assert_off(program: &Program, times: usize) {
    let screen = program.screen.screen();
    assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
    for sequence in OFF {
        assert_eq!(program.count(sequence), times, "{}", sequence.escape_ascii());
    }
    let off = String::from_utf8_lossy(&program.raw).matches(";1004;").count();
    assert_eq!(off, times, "focus events");
    assert!(screen.bracketed_paste());
}

#[test]
fn modes_of_an_earlier_program_are_switched_off_at_start_and_after_a_stop() {
    let mut program = Program::demo(120, 40);
    program.screen.process(LEFT_ON);
    program.until_live();
    assert_off(&program, 1);

    program.signal(Signal::STOP);
    program.until_stopped();
    program.screen.process(LEFT_ON);
    assert_ne!(program.screen.screen().mouse_protocol_mode(), MouseProtocolMode::None);
    program.signal(Signal::CONT);
    program.until_count("taken over again", OFF[0], 2);
    program.until_live();
    assert_off(&program, 2);
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}

/// What a terminal answers late or reports by itself, in pieces as a slow link brings them, is not typed: the
/// last key is the only one that does anything.
#[test]
fn late_answers_and_reports_are_not_keys() {
    let mut program = Program::demo(120, 40);
    program.until_live();
    for sequence in [
        "\x1b]11;rgb:1c1c/1c1c/1c1c\x1b\\",
        "\x1bP>|XTerm(370)\x1b\\",
        "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29c",
        "\x1b[M qq",
        "\x1b[<0;10;10M",
        "\x1b[200~2?fq\x1b[201~",
    ] {
        let (first, second) = sequence.split_at(sequence.len() / 2);
        program.press(first);
        program.press(second);
    }
    program.press("4");
    program.until("the view of the key", |text| text.contains("Fills"));
    assert!(!program.text().contains("FROZEN") && !program.text().contains("Help: keys"));
    // Ctrl-C of a keyboard in kitty's mode and in another layout.
    program.press("\x1b[1089::99;5u");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
