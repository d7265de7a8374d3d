//! What the screen looks like by locale and kind of terminal, and what is written for it.

use rstest::rstest;
use rustix::process::Signal;

use super::program::{Program, UNSET, parser, size};

#[rstest]
#[case(&[("TERM", "dumb")])]
#[case(&[("TERM", "")])]
#[case(&[("TERM", UNSET)])]
fn fc_36_without_a_usable_terminal_one_line_names_the_way_out(#[case] env: &[(&str, &str)]) {
    let mut program = Program::start(80, 24, &["--demo"], env);
    assert_eq!(program.end(), 2);
    assert!(program.text().contains("snapshot"), "{}", program.text());
    assert_eq!(program.text().trim().lines().count(), 1, "{}", program.text());
    program.assert_given_back();
}

/// Every terminal that announces no UTF-8 gets ASCII; every locale gets the same figures.
#[rstest]
#[case::c(&[("LC_ALL", "C")], true)]
#[case::unset(&[("LC_ALL", UNSET), ("LC_CTYPE", UNSET), ("LANG", UNSET)], true)]
#[case::latin(&[("LC_ALL", "de_DE.ISO-8859-1")], true)]
#[case::german(&[("LC_ALL", "de_DE.UTF-8")], false)]
#[case::turkish(&[("LC_ALL", "tr_TR.UTF-8")], false)]
#[case::linux(&[("TERM", "linux")], false)]
#[case::vt100(&[("TERM", "vt100"), ("LC_ALL", "C")], true)]
#[case::no_color(&[("NO_COLOR", "1")], false)]
fn fc_36_borders_and_figures_by_locale_and_terminal(
    #[case] env: &[(&str, &str)],
    #[case] ascii: bool,
) {
    let mut program = Program::start(120, 40, &["--demo", "--seed", "7"], env);
    program.until_live();
    let text = program.text();
    assert_eq!(text.is_ascii(), ascii, "{text}");
    // The name of a side and of a contract, whatever the user's locale makes of letters; a
    // point in the price, a comma between thousands.
    assert!(
        text.contains("BTCUSDT_UMCBL") && text.contains("OTHER HOST") | text.contains("DEMO"),
        "{text}"
    );
    let price = text.split_whitespace().find(|word| word.starts_with("83,")).unwrap();
    assert!(price.contains('.'), "{price}");
    // Rows of a table end in the same column, whatever their letters are.
    let border = if ascii { '|' } else { '│' };
    // The mark of the selected row stands in the border.
    let selected = if ascii { '>' } else { '▶' };
    let width = |line: &str| unicode_width::UnicodeWidthStr::width(line.trim_end());
    let rows: Vec<&str> = text.lines().filter(|line| line.contains("_UMCBL  ")).collect();
    assert!(rows.len() >= 2, "{text}");
    for row in rows {
        assert!(row.starts_with([border, selected]) && row.trim_end().ends_with(border), "{row}");
        assert_eq!(width(row), 120, "{row}");
    }
    if env.contains(&("NO_COLOR", "1")) {
        let raw = String::from_utf8_lossy(&program.raw).into_owned();
        for colour in ["\x1b[31m", "\x1b[32m", "\x1b[38;5;1m", "\x1b[38;5;2m"] {
            assert!(!raw.contains(colour));
        }
    }
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}

/// The screen is cleared only where its contents are unknown: at the start, after a resize and a stop, and
/// when the user asks for it.
#[test]
fn fc_39_each_repaint_is_one_synchronized_update_and_clears_only_when_it_must() {
    const CLEAR: &[u8] = b"\x1b[2J";
    const BEGIN: &[u8] = b"\x1b[?2026h";
    let mut program = Program::demo(120, 40);
    program.until_live();
    let started = program.count(CLEAR);
    assert!((1..=2).contains(&started), "{started}");
    let repaints = program.count(BEGIN);
    program.until_count("some repaints", BEGIN, repaints + 10);
    assert_eq!(program.count(CLEAR), started, "no full clear while running");

    program.press("\x0c");
    program.until_count("the repaint of Ctrl-L", CLEAR, started + 1);
    let repaints = program.count(BEGIN);
    program.until_count("some repaints", BEGIN, repaints + 3);
    assert_eq!(program.count(CLEAR), started + 1, "once");
    assert_eq!(program.count(b"\x1b[6n"), 0, "no queries are sent to the terminal");

    let before = program.count(CLEAR);
    program.master.as_ref().unwrap().resize(size(100, 30)).unwrap();
    program.screen = parser(100, 30);
    program.until("the smaller screen", |text| text.contains("Positions"));
    let repaints = program.count(BEGIN);
    program.until_count("some repaints", BEGIN, repaints + 3);
    let cleared = program.count(CLEAR) - before;
    assert!((1..=2).contains(&cleared), "{cleared} for a smaller screen");
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}

/// dtach and abduco tell the program of a new terminal by the signal for a resize, at the size it has.
#[test]
fn a_new_terminal_of_the_same_size_is_painted_whole() {
    let mut program = Program::demo(120, 40);
    program.until_live();
    // The new terminal knows nothing of what the old one showed.
    program.screen = parser(120, 40);
    program.signal(Signal::WINCH);
    program.until("the whole screen", |text| {
        text.contains("DEMO") && text.contains("┌ Positions") && text.contains("q:quit")
    });
    let screen = program.screen.screen();
    assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste());
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
