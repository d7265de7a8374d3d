//! A contract that the exchange does not list.

use super::program::Program;

#[test]
fn a_focus_that_is_not_listed_ends_the_start_with_its_name() {
    for kind in ["classic", "unified"] {
        let arguments = ["--demo", "--account", kind, "--symbol", "FOOUSDT_UMCBL"];
        let mut program = Program::start(120, 40, &arguments, &[]);
        assert_eq!(program.end(), 2, "{kind}");
        program.assert_given_back();
        let text = String::from_utf8_lossy(&program.raw).into_owned();
        assert!(text.contains("FOOUSDT_UMCBL: the exchange does not list this contract"), "{text}");
    }
}
