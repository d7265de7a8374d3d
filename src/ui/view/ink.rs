//! The atoms of the view-model, and the one place that turns a figure into a text with its meaning.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::domain::Timestamp;
use crate::report::{Freshness, Time};
use crate::ui::format::{self, Sign};
use crate::ui::theme::Role;

/// Not applicable.
pub(crate) const NONE: &str = "—";
/// Not known.
pub(crate) const UNKNOWN: &str = "?";
/// Hidden by the privacy key.
const HIDDEN: &str = "•••";

/// A text that is drawn whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) role: Role,
}

/// Pieces from left to right, a space between them; what does not fit is left out from the right.
pub(crate) type Line = Vec<Piece>;

/// The same thing in ever shorter words: the first line that fits whole is drawn.
pub(crate) type Forms = Vec<Line>;

impl Piece {
    pub(crate) fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Role::Plain)
    }

    pub(crate) fn label(text: impl Into<String>) -> Self {
        Self::new(text, Role::Label)
    }

    /// Returns the piece with a word before its text, such as `liq 8.20%`.
    pub(crate) fn after(mut self, word: &str) -> Self {
        self.text = format!("{word} {}", self.text);
        self
    }

    /// Returns the piece in the role that stands for "may be wrong now".
    fn aged(mut self, freshness: Freshness) -> Self {
        if freshness != Freshness::Live {
            self.role = Role::Stale;
        }
        self
    }
}

/// Returns free text as one piece a word, so that it breaks between words only.
pub(crate) fn words(text: &str, role: Role) -> impl Iterator<Item = Piece> {
    text.split_whitespace().map(move |word| Piece::new(word, role))
}

/// What stands where there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// There is a figure, but it is not known: `?`.
    Unknown,
    /// There can be none: `—`.
    None,
}

impl Gap {
    /// Returns the piece that stands for the figure.
    pub(crate) fn piece(self) -> Piece {
        match self {
            Self::Unknown => Piece::new(UNKNOWN, Role::Unknown),
            Self::None => Piece::label(NONE),
        }
    }
}

/// How far a group of figures can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grade {
    pub(crate) freshness: Freshness,
    pub(crate) age_ms: Option<i64>,
}

impl Grade {
    pub(crate) const fn new(freshness: Freshness, age_ms: Option<i64>) -> Self {
        Self { freshness, age_ms }
    }

    /// Returns the worse of the two: a figure is as old as its oldest input.
    pub(crate) fn worse(self, other: Self) -> Self {
        if (other.freshness, other.age_ms) > (self.freshness, self.age_ms) { other } else { self }
    }

    /// Returns the role of a figure that has no other meaning.
    pub(crate) fn plain(self) -> Role {
        if self.is_live() { Role::Plain } else { Role::Stale }
    }

    pub(crate) fn is_live(self) -> bool {
        self.freshness == Freshness::Live
    }

    /// Returns the warning that belongs beside the figures: `STALE 14s`, `no data`, or nothing.
    pub(crate) fn mark(self) -> Option<Piece> {
        match (self.freshness, self.age_ms) {
            (Freshness::Live, _) => None,
            (Freshness::Stale, Some(ms)) => {
                Some(Piece::new(format!("STALE {}", format::age(ms)), Role::StaleMark))
            }
            (Freshness::Stale, None) => Some(Piece::new("STALE", Role::StaleMark)),
            (Freshness::Missing, _) => Some(Piece::new("no data", Role::Unknown)),
        }
    }

    /// Returns `live`, or the warning.
    pub(crate) fn word(self) -> Piece {
        self.mark().unwrap_or_else(|| Piece::new("live", Role::Good))
    }

    /// Returns the age in seconds with `live`, or the warning.
    pub(crate) fn word_with_age(self) -> Piece {
        match (self.mark(), self.age_ms) {
            (Some(mark), _) => mark,
            (None, Some(ms)) => Piece::new(format!("live {}", format::age(ms)), Role::Good),
            (None, None) => Piece::new("live", Role::Good),
        }
    }
}

/// How figures are written now: with amounts or without, and in which zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink<'a> {
    pub(crate) privacy: bool,
    pub(crate) zone: &'a TimeZone,
}

impl Ink<'_> {
    fn show(piece: Option<Piece>, gap: Gap, grade: Grade) -> Piece {
        piece.map_or_else(|| gap.piece(), |piece| piece.aged(grade.freshness))
    }

    /// A price; never hidden.
    pub(crate) fn price(
        value: Option<Decimal>,
        places: Option<u32>,
        gap: Gap,
        grade: Grade,
    ) -> Piece {
        let piece = value.map(|value| Piece::plain(format::stepped(value, places)));
        Self::show(piece, gap, grade)
    }

    /// A fraction as percent without a sign.
    pub(crate) fn percent(value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
        let piece =
            value.and_then(|value| format::percent(value, 2, Sign::Negative)).map(Piece::plain);
        Self::show(piece, gap, grade)
    }

    /// A gain or loss in percent.
    pub(crate) fn signed_percent(
        value: Option<Decimal>,
        places: u32,
        gap: Gap,
        grade: Grade,
    ) -> Piece {
        let piece = value.and_then(|value| {
            let text = format::percent(value, places, Sign::Always)?;
            Some(Piece::new(text, tone(value)))
        });
        Self::show(piece, gap, grade)
    }

    /// A factor such as leverage: `12.50x`.
    pub(crate) fn factor(value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
        let piece =
            value.map(|value| Piece::plain(format::decimal(value, 2, Sign::Negative) + "x"));
        Self::show(piece, gap, grade)
    }

    /// A plain number with two decimals, such as a distance in standard deviations.
    pub(crate) fn number(value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
        let piece = value.map(|value| Piece::plain(format::decimal(value, 2, Sign::Negative)));
        Self::show(piece, gap, grade)
    }

    /// An amount of money without a sign.
    pub(crate) fn money(self, value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
        let piece =
            value.map(|value| self.amount(format::money(value, Sign::Negative), Role::Plain));
        Self::show(piece, gap, grade)
    }

    /// A gain or loss of money, its sign always written.
    pub(crate) fn gain(self, value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
        let piece = value.map(|value| self.amount(format::money(value, Sign::Always), tone(value)));
        Self::show(piece, gap, grade)
    }

    /// A fee or a funding: a gain or loss with four decimals.
    pub(crate) fn cash(self, value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
        let piece =
            value.map(|value| self.amount(format::decimal(value, 4, Sign::Always), tone(value)));
        Self::show(piece, gap, grade)
    }

    /// An own size.
    pub(crate) fn size(
        self,
        value: Option<Decimal>,
        places: Option<u32>,
        gap: Gap,
        grade: Grade,
    ) -> Piece {
        let piece = value.map(|value| self.amount(format::stepped(value, places), Role::Plain));
        Self::show(piece, gap, grade)
    }

    fn amount(self, text: String, role: Role) -> Piece {
        if self.privacy { Piece::plain(HIDDEN) } else { Piece::new(text, role) }
    }

    /// A time of day in the zone.
    pub(crate) fn clock(self, time: Option<Time>) -> Piece {
        self.clock_of(time.map(|time| time.0))
    }

    /// A time of day in the zone.
    pub(crate) fn clock_of(self, time: Option<Timestamp>) -> Piece {
        time.and_then(|time| format::clock(time, self.zone))
            .map_or_else(|| Gap::Unknown.piece(), Piece::plain)
    }

    /// Date, time of day and zone.
    pub(crate) fn date_time(self, time: Option<Time>) -> Line {
        time.and_then(|time| format::date_time(time.0, self.zone))
            .map_or_else(|| vec![Gap::Unknown.piece()], |text| words(&text, Role::Plain).collect())
    }
}

/// Returns the role of a gain or loss.
pub(crate) fn tone(value: Decimal) -> Role {
    if value.is_zero() {
        Role::Plain
    } else if value.is_sign_negative() {
        Role::Loss
    } else {
        Role::Gain
    }
}

/// Returns `LONG` or `SHORT`.
pub(crate) fn side(word: &str) -> Piece {
    match word {
        "long" => Piece::new("LONG", Role::Gain),
        "short" => Piece::new("SHORT", Role::Loss),
        other => Piece::plain(other.to_owned()),
    }
}

/// Returns a fixed word of the document as words for people: `take_profit` becomes `take profit`.
pub(crate) fn spoken(word: &str) -> String {
    word.replace('_', " ")
}
