//! [`Wake`] itself, and a model of it that runs through every interleaving.

use std::collections::HashSet;

use super::*;

#[test]
fn many_wakes_are_one_byte_and_none_is_lost() {
    let wake = Wake::new().unwrap();
    for _ in 0..100_000 {
        wake.moved();
    }
    wake.resized();
    wake.aged();
    let mut bytes = [0; 16];
    assert_eq!(rustix::io::read(wake.fd(), &mut bytes).unwrap(), 1);
    let asked = wake.take();
    assert!(asked.moved && asked.aged && asked.resized && wake.signal().is_none());
    let none = wake.take();
    assert!(!none.moved && !none.aged);
    wake.stop(15);
    wake.take();
    assert_eq!(wake.signal(), Some(15), "the request to end stays");
}

/// Threads that ring, each twice: a wake that is lost may show only at the next request.
const RINGERS: usize = 2;
const RINGS: usize = 2;

/// The shared state and where each thread is. Every step is atomic in the code as well: an atomic
/// operation, or one system call on the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Model {
    armed: bool,
    /// Whether a bit is set that was not collected yet.
    requested: bool,
    bytes: usize,
    /// Rings that each thread has ended, and the next step of the present one.
    ringers: [(usize, usize); RINGERS],
    /// The next step of the take; 0 also stands for the loop being elsewhere.
    taking: usize,
}

impl Model {
    /// Runs the next step of a ringer; `None` when it has nothing left to do.
    fn ring(mut self, ringer: usize) -> Option<Self> {
        let (rings, next) = self.ringers[ringer];
        if rings == RINGS {
            return None;
        }
        let mut ended = next + 1 == RING.len();
        match RING[next] {
            RingStep::Request => self.requested = true,
            RingStep::Arm => ended |= std::mem::replace(&mut self.armed, true),
            RingStep::Write => self.bytes += 1,
        }
        self.ringers[ringer] = if ended { (rings + 1, 0) } else { (rings, next + 1) };
        Some(self)
    }

    /// Runs the next step of the loop. It may begin a take at any time: a key and a time-out lead there too.
    fn take(mut self, order: &[TakeStep]) -> Self {
        match order[self.taking] {
            TakeStep::Drain => self.bytes = 0,
            TakeStep::Disarm => self.armed = false,
            TakeStep::Collect => self.requested = false,
        }
        self.taking = (self.taking + 1) % order.len();
        self
    }

    /// Whether the loop could sleep although something is requested, and no thread will wake it.
    fn is_lost(&self) -> bool {
        let ringing = self.ringers.iter().any(|(_, next)| *next > 0);
        self.requested && self.bytes == 0 && self.taking == 0 && !ringing
    }
}

/// Runs through every interleaving and returns how many states there are, or the steps to the first one in
/// which a wake is lost.
fn explore(order: &[TakeStep]) -> Result<usize, Vec<Model>> {
    fn visit(
        path: &mut Vec<Model>,
        seen: &mut HashSet<Model>,
        order: &[TakeStep],
    ) -> Result<(), ()> {
        let state = *path.last().unwrap();
        if !seen.insert(state) {
            return Ok(());
        }
        if state.is_lost() {
            return Err(());
        }
        let rings = (0..RINGERS).filter_map(|ringer| state.ring(ringer));
        for next in rings.chain([state.take(order)]) {
            path.push(next);
            visit(path, seen, order)?;
            path.pop();
        }
        Ok(())
    }
    let (mut path, mut seen) = (vec![Model::default()], HashSet::new());
    visit(&mut path, &mut seen, order).map_err(|()| path)?;
    Ok(seen.len())
}

#[test]
fn no_interleaving_loses_a_wake() {
    let states = explore(&TAKE).unwrap_or_else(|path| {
        let states: Vec<String> = path.iter().map(|state| format!("{state:?}")).collect();
        panic!("a wake is lost:\n{}", states.join("\n"))
    });
    println!("{states} states");
    assert!(states > 500, "{states} states are not every interleaving");
}

/// That the model sees what goes wrong: of the six orders only one is right.
#[test]
fn every_other_order_loses_a_wake() {
    use TakeStep::{Collect, Disarm, Drain};
    for order in [
        [Disarm, Drain, Collect],
        [Disarm, Collect, Drain],
        [Drain, Collect, Disarm],
        [Collect, Drain, Disarm],
        [Collect, Disarm, Drain],
    ] {
        let lost = explore(&order).expect_err("an order that loses wakes");
        assert!(lost.last().unwrap().is_lost(), "{order:?}");
    }
}
