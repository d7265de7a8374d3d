//! [`FocusChange`]: another contract in focus while running, and back again where the exchange does not list it.

use crate::domain::Symbol;
use crate::report::Report;

/// A contract that was asked for, until it has a price.
#[derive(Debug, Default)]
pub(super) struct FocusChange {
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    asked: Symbol,
    before: Symbol,
}

impl FocusChange {
    /// Takes note that `asked` shall take the place of `focus`.
    pub(super) fn ask(&mut self, asked: Symbol, focus: &Symbol) {
        // Back to the last one that had a price.
        let before = self.pending.take().map_or_else(|| focus.clone(), |pending| pending.before);
        self.pending = Some(Pending { asked, before });
    }

    /// Returns whether a contract was asked for that has no price yet.
    pub(super) const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Looks at a report; returns the contract to go back to when the exchange does not list the one that was
    /// asked for.
    pub(super) fn look(&mut self, report: &Report) -> Option<Symbol> {
        let pending = self.pending.take_if(|pending| {
            pending.asked == report.focus && (report.focus_unlisted || report.ticker.last.is_some())
        })?;
        report.focus_unlisted.then_some(pending.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::Timestamp;
    use crate::report::{Context, Limits, Source, build};
    use crate::store::Snapshot;

    fn report(focus: &Symbol) -> Report {
        let config = Config::default();
        let context = Context {
            source: Source::Live,
            focus: focus.clone(),
            credentials: false,
            limits: Limits::new(&config.refresh),
            risk: config.risk,
        };
        build(&Snapshot::default(), &context, Timestamp::from_millis(1_790_337_600_000))
    }

    #[test]
    fn an_unlisted_contract_leads_back_to_the_last_one_that_had_a_price() {
        let [first, second, third] =
            ["BTCUSDT_UMCBL", "XXXUSDT_UMCBL", "ETHUSDT_UMCBL"].map(|name| name.parse().unwrap());
        let mut change = FocusChange::default();
        assert_eq!(change.look(&report(&first)), None);
        change.ask(second.clone(), &first);
        assert_eq!(change.look(&report(&first)), None, "still the report before");
        assert_eq!(change.look(&report(&second)), None, "nothing is known yet");
        let unlisted = Report { focus_unlisted: true, ..report(&second) };
        assert_eq!(change.look(&unlisted), Some(first.clone()));
        assert_eq!(change.look(&unlisted), None, "once");
        // In a hurry: the second one has no price when the third is asked for.
        change.ask(second.clone(), &first);
        change.ask(third.clone(), &second);
        let mut priced = report(&third);
        assert_eq!(change.look(&Report { focus_unlisted: true, ..report(&third) }), Some(first));
        change.ask(third, &second);
        priced.ticker.last = Some(rust_decimal::Decimal::ONE);
        assert!(change.is_pending());
        assert_eq!(change.look(&priced), None);
        assert!(!change.is_pending());
    }
}
