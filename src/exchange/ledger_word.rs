//! The words of the exchange's ledger, read by their parts.
//!
//! A word such as `RWA_FIXED_BURST_CLOSE_SHORT` or `trans_from_exchange` names a product, the margin of
//! the position, an event and a direction. New products bring whole families of words without notice, so
//! no list of words can be complete; the parts are few. Both generations of the API build their words
//! alike: V2 in lower case, V3 in upper case.
//!
//! Results of trading are read strictly: a word with one part that is not known is not understood. Other
//! movements are read by the part that names them, since whatever else the word says, they are no result.

mod meaning;
mod parts;

pub use self::meaning::{Direction, LedgerEvent, Product};
use self::parts::Parts;
use crate::domain::{LedgerKind, MarginMode, Text};

/// What a word of the ledger says. A part that it does not name is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerWord {
    /// The contracts it is about, or where a transfer went to or came from.
    pub product: Option<Product>,
    /// The margin of the position.
    pub margin: Option<MarginMode>,
    /// What happened.
    pub event: LedgerEvent,
    /// Which way.
    pub direction: Option<Direction>,
}

impl LedgerWord {
    /// Reads a word, in any case; `None` when it is not understood.
    pub fn read(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_uppercase();
        let mut parts = Parts::new(&word);
        parts.leave_out_the_mode();
        let money = parts.money();
        if parts.is_of_the_exchange() {
            return None;
        }
        let contracts = parts.contracts();
        let margin = parts.margin();
        let trade = parts.trade();
        let (event, wallet, implied) = match trade {
            Some(direction) => (parts.traded(direction)?, None, None),
            None => parts.moved()?,
        };
        Some(Self {
            product: contracts.or(wallet),
            margin,
            event,
            direction: trade.or(money).or(implied),
        })
    }

    /// Returns the kind of the movement.
    pub const fn kind(self) -> LedgerKind {
        use LedgerEvent as E;
        match self.event {
            E::Trade | E::Liquidation | E::Adl | E::Delivery | E::Rebase => LedgerKind::Trade,
            E::Funding => LedgerKind::Funding,
            E::Fee => LedgerKind::Fee,
            E::Interest => LedgerKind::Interest,
            E::Transfer => LedgerKind::Transfer,
            E::Internal => LedgerKind::Internal,
            E::Reserve => LedgerKind::Reserve,
            E::Bonus => LedgerKind::Bonus,
            E::Coupon => LedgerKind::Coupon,
            E::Airdrop => LedgerKind::Airdrop,
            E::Borrow | E::Repay => LedgerKind::Loan,
            E::ProfitShare => LedgerKind::ProfitShare,
            E::Margin => LedgerKind::Margin,
            E::Conversion => LedgerKind::Conversion,
            E::Confiscation => LedgerKind::Other,
        }
    }
}

/// Returns the kind of a word. One that is not understood is `Unknown` where it looks like a result of
/// trading or says nothing at all, and `Other` where it does not.
pub fn kind_of(word: &str) -> LedgerKind {
    match LedgerWord::read(word) {
        Some(read) => read.kind(),
        None if parts::look_like_a_result(word) => unknown(word),
        None => LedgerKind::Other,
    }
}

/// Returns the kind of a word that is not understood and looks like a result.
pub(super) fn unknown(word: &str) -> LedgerKind {
    let word = word.trim();
    LedgerKind::Unknown(Text::new(if word.is_empty() { "?" } else { word }))
}

#[cfg(test)]
mod tests;
