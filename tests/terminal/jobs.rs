//! The program as a job of a shell: in the background it leaves the terminal alone.

use std::fs;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::tcgetattr;

use super::program::{PATIENCE, Program};

const ENTERED: &[u8] = b"\x1b[?1049h";
const LEFT: &[u8] = b"\x1b[?1049l";
/// What the line editor of a shell does at its prompt, and before a job: the program must not take the modes
/// of the prompt for those that it restores at the end.
const PROMPT: &str = "stty -icanon -echo";
const FOREGROUND: &str = "stty icanon echo; fg";

/// A shell, and the program as its job.
struct Job {
    shell: Program,
    pid: Pid,
}

impl Job {
    /// Starts the program in the background; then the shell runs one command a line.
    fn start(commands: &[&str]) -> Self {
        let mut script = format!("set -m; {PROMPT}; \"$0\" \"$@\" & job=$!; echo job $job;");
        for command in commands {
            script.extend(["read line; ", command, "; echo shell has it;"]);
        }
        let binary = env!("CARGO_BIN_EXE_bitget-watch");
        let arguments = ["-c", &script, binary, "--demo", "--seed", "7"];
        let mut shell = Program::launch("/bin/sh", 120, 40, &arguments, &[]);
        shell.until("the job", |text| text.contains("job "));
        let text = shell.text();
        let pid = text.split("job ").nth(1).unwrap().split_whitespace().next().unwrap();
        let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
        Self { shell, pid }
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit(") ").next()?.chars().next()
    }

    fn until(&mut self, what: &str, wanted: impl Fn(Option<char>) -> bool) {
        let limit = Instant::now() + PATIENCE;
        while !wanted(self.state()) {
            assert!(Instant::now() < limit, "never {what}: {:?}", self.state());
            self.shell.listen(Duration::from_millis(20));
        }
    }

    fn until_stopped(&mut self) {
        self.until("stopped", |state| state == Some('T'));
    }

    /// Waits until the job has ended, whether the shell has looked at it or not.
    fn until_ended(&mut self) {
        self.until("ended", |state| state.is_none_or(|state| state == 'Z'));
    }

    fn next_command(&mut self) {
        self.shell.press("\n");
    }

    fn modes(&self) -> String {
        format!("{:?}", tcgetattr(self.shell.line.as_fd()).unwrap())
    }
}

#[test]
fn started_in_the_background_it_waits_for_the_foreground() {
    let mut job = Job::start(&["bg", FOREGROUND]);
    job.until_stopped();
    let modes = job.modes();
    // Continued in the background it stops again.
    job.next_command();
    job.shell.until("the shell", |text| text.contains("shell has it"));
    job.until_stopped();
    assert_eq!(job.shell.count(ENTERED), 0, "{}", job.shell.text());
    assert_eq!(job.modes(), modes);

    job.next_command();
    job.shell.until_live();
    assert_ne!(job.modes(), modes);
    job.shell.press("q");
    assert_eq!(job.shell.end(), 0);
    job.shell.assert_given_back();
}

/// Stopped from outside it could not give the terminal back; by a key it has.
#[test]
fn continued_in_the_background_it_waits_for_the_foreground() {
    for key in [false, true] {
        let mut job = Job::start(&[&format!("{FOREGROUND}; {PROMPT}"), "bg", FOREGROUND]);
        job.until_stopped();
        job.next_command();
        job.shell.until_live();
        if key {
            job.shell.press("\x1a");
        } else {
            job.signal(Signal::STOP);
        }
        job.shell.until_count("the shell", b"shell has it", 1);
        job.until_stopped();
        let modes = job.modes();
        let before = job.shell.raw.len();
        job.next_command();
        job.shell.until_count("the shell", b"shell has it", 2);
        job.until_stopped();
        job.shell.listen(Duration::from_millis(50));
        let written = String::from_utf8_lossy(&job.shell.raw[before..]).into_owned();
        assert!(!written.contains('\x1b'), "{written:?}");
        assert_eq!(job.modes(), modes);

        let entered = job.shell.count(ENTERED);
        job.next_command();
        job.shell.until_count("taken over again", ENTERED, entered + 1);
        job.shell.until_live();
        job.shell.press("q");
        assert_eq!(job.shell.end(), 0);
        job.shell.assert_given_back();
    }
}

/// A shell continues a stopped job that it kills, so that the job sees the signal.
#[test]
fn a_stopped_job_can_be_killed() {
    let kill = "kill -s TERM $job; kill -s CONT $job";
    // While it waits for the other program the shell sees that the job is not stopped any more.
    let code = "stty -a > /dev/null; wait $job; echo code $?";
    // Never in the foreground; stopped by a key; stopped from outside, with the screen still taken.
    for stop in [None, Some("\x1a"), Some("")] {
        let commands: &[&str] =
            if stop.is_some() { &[FOREGROUND, kill, code] } else { &[kill, code] };
        let mut job = Job::start(commands);
        job.until_stopped();
        if let Some(keys) = stop {
            job.next_command();
            job.shell.until_live();
            if keys.is_empty() {
                job.signal(Signal::STOP);
            } else {
                job.shell.press(keys);
            }
            job.until_stopped();
        }
        job.next_command();
        job.until_ended();
        job.next_command();
        job.shell.until("its exit code", |text| text.contains("code "));
        assert!(job.shell.text().contains("code 143"), "{}", job.shell.text());
        assert_eq!(job.shell.end(), 0);
        let (entered, left) = (job.shell.count(ENTERED), job.shell.count(LEFT));
        assert_eq!(entered, left, "the screen is given back");
        assert!(!job.shell.screen.screen().hide_cursor());
    }
}
