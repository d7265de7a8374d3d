//! [`Formatter`]: the one place that turns a figure into a text with its meaning.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::figures::Figure;
use super::span::{Line, Span, words};
use crate::domain::{Side, Timestamp};
use crate::report::Freshness;
use crate::ui::format::{self, Sign};
use crate::ui::theme::Role;

/// What stands where there can be no figure.
pub(crate) const NOT_APPLICABLE: &str = "—";
/// What stands where the figure is not known.
const UNKNOWN: &str = "?";
/// Hidden by the privacy key.
const HIDDEN: &str = "•••";
/// What happened does not grow stale.
pub(crate) const SETTLED: Freshness = Freshness::Live { ms: 0 };

/// Why there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// There is one, but it is not known: `?`.
    Unknown,
    /// There can be none: `—`.
    NotApplicable,
}

impl Absent {
    /// Returns what stands for the figure.
    pub(crate) fn span(self) -> Span {
        match self {
            Self::Unknown => Span::new(UNKNOWN, Role::Unknown),
            Self::NotApplicable => Span::label(NOT_APPLICABLE),
        }
    }
}

/// How it looks on screen.
impl Freshness {
    /// Returns the role of a figure that has no other meaning.
    pub(crate) const fn role(self) -> Role {
        if self.is_live() { Role::Plain } else { Role::Stale }
    }

    /// Returns the warning that belongs beside the figures: `STALE 14s`, `no data`, or nothing.
    pub(crate) fn mark(self) -> Option<Span> {
        match self {
            Self::Live { .. } => None,
            Self::Stale { ms } => Some(Span::stale_mark("STALE", ms)),
            Self::Missing => Some(Span::new("no data", Role::Unknown)),
        }
    }

    /// Returns whether the warning of a panel of this age holds for a figure in it: that is no older.
    pub(crate) fn is_said_by(self, panel: Self) -> bool {
        let age = |of: Self| of.mark().and_then(|mark| mark.stale_s);
        age(self) <= age(panel)
    }

    /// Returns `live`, or the warning.
    pub(crate) fn word(self) -> Span {
        self.mark().unwrap_or_else(|| Span::new("live", Role::Good))
    }

    /// Returns the age as `12s old`, or the warning.
    pub(crate) fn old(self) -> Span {
        match self {
            Self::Live { ms } => Span::label(format!("{} old", format::age(ms))),
            Self::Stale { .. } | Self::Missing => self.word(),
        }
    }

    /// Returns `live` with the age, or the warning.
    pub(crate) fn word_with_age(self) -> Span {
        match self {
            Self::Live { ms } => Span::new(format!("live {}", format::age(ms)), Role::Good),
            Self::Stale { .. } | Self::Missing => self.word(),
        }
    }
}

/// Decimals of an amount of a coin: the smallest unit of a bitcoin.
const COIN_PLACES: u32 = 8;
/// Decimals of such an amount in a narrow table: of a bitcoin ten cents.
const SHORT_COIN_PLACES: u32 = 6;

/// How figures of one age are written now: with amounts or without, and in which zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formatter<'a> {
    zone: &'a TimeZone,
    privacy: bool,
    pub(crate) freshness: Freshness,
    absent: Absent,
}

impl<'a> Formatter<'a> {
    pub(crate) const fn new(zone: &'a TimeZone, privacy: bool, freshness: Freshness) -> Self {
        Self { zone, privacy, freshness, absent: Absent::Unknown }
    }

    /// Returns the formatter of figures that are missing for this reason.
    pub(crate) const fn absent(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }

    /// Returns a figure with the warning that it is stale, if it is, beside it.
    pub(crate) fn marked(self, figure: Span) -> Line {
        [figure].into_iter().chain(self.freshness.mark()).collect()
    }

    /// Returns the same with a label.
    pub(crate) fn figure(self, label: impl Into<String>, figure: Span) -> Figure {
        Figure::new(label, self.marked(figure))
    }

    fn show(self, span: Option<Span>) -> Span {
        let Some(span) = span else { return self.absent.span() };
        let role = if self.freshness.is_live() { span.role } else { Role::Stale };
        Span { role, ..span }
    }

    /// What stands among the figures and is no figure, such as a side: it is as old as they are. A warning stays one.
    pub(crate) fn aged(self, span: Span) -> Span {
        let is_figure =
            matches!(span.role, Role::Plain | Role::Strong | Role::Gain | Role::Loss | Role::Good);
        if is_figure && !self.freshness.is_live() {
            return Span { role: Role::Stale, ..span };
        }
        span
    }

    /// A word among the figures.
    pub(crate) fn word(self, word: impl Into<String>) -> Span {
        self.aged(Span::plain(word))
    }

    /// A price; never hidden.
    pub(crate) fn price(self, value: Option<Decimal>, places: Option<u32>) -> Span {
        self.show(value.map(|value| Span::plain(format::price(value, places))))
    }

    /// An average of prices, which may lie between two steps: one more decimal than they have.
    pub(crate) fn average(self, value: Option<Decimal>, places: Option<u32>) -> Span {
        self.price(value, places.map(|places| places.saturating_add(1)))
    }

    /// A volume of the market with K, M or B, and its unit.
    pub(crate) fn volume(self, value: Option<Decimal>, unit: &str) -> Span {
        self.show(value.map(|value| Span::plain(format!("{} {unit}", format::compact(value)))))
    }

    /// A fraction as percent without a sign.
    pub(crate) fn percent(self, value: Option<Decimal>) -> Span {
        let text = value.and_then(|value| format::percent(value, 2, Sign::Negative));
        self.show(text.map(Span::plain))
    }

    /// A gain or loss in percent.
    pub(crate) fn signed_percent(self, value: Option<Decimal>, places: u32) -> Span {
        self.show(value.and_then(|value| {
            Some(Span::new(format::percent(value, places, Sign::Always)?, tone(value)))
        }))
    }

    /// A plain number with two decimals, such as a distance in standard deviations.
    pub(crate) fn number(self, value: Option<Decimal>) -> Span {
        self.show(value.map(|value| Span::plain(format::decimal(value, 2, Sign::Negative))))
    }

    /// A factor such as leverage: `12.50x`.
    pub(crate) fn factor(self, value: Option<Decimal>) -> Span {
        self.show(value.map(|value| Span::plain(format::decimal(value, 2, Sign::Negative) + "x")))
    }

    /// An amount of money without a sign.
    pub(crate) fn money(self, value: Option<Decimal>) -> Span {
        self.amount(value, |value| Span::plain(format::money(value, Sign::Negative)))
    }

    /// A gain or loss of money, its sign always written.
    pub(crate) fn gain(self, value: Option<Decimal>) -> Span {
        self.amount(value, |value| Span::new(format::money(value, Sign::Always), tone(value)))
    }

    /// The same with two decimals below one too, where numbers stand below each other.
    pub(crate) fn cents(self, value: Option<Decimal>) -> Span {
        self.amount(value, |value| Span::new(format::decimal(value, 2, Sign::Always), tone(value)))
    }

    /// An amount of a coin that is worth many dollars, with eight decimals.
    pub(crate) fn coin(self, value: Option<Decimal>) -> Span {
        let write = |value| Span::plain(format::decimal(value, COIN_PLACES, Sign::Negative));
        self.amount(value, write)
    }

    /// A gain or loss in such a coin.
    pub(crate) fn coin_gain(self, value: Option<Decimal>) -> Span {
        self.gain_to(value, COIN_PLACES)
    }

    /// The same where there is little room, with six decimals.
    pub(crate) fn short_coin_gain(self, value: Option<Decimal>) -> Span {
        self.gain_to(value, SHORT_COIN_PLACES)
    }

    fn gain_to(self, value: Option<Decimal>, places: u32) -> Span {
        let write = |value| Span::new(format::decimal(value, places, Sign::Always), tone(value));
        self.amount(value, write)
    }

    /// A fee or a funding: a gain or loss with four decimals.
    pub(crate) fn cash(self, value: Option<Decimal>) -> Span {
        self.gain_to(value, 4)
    }

    /// A size of the market; never hidden.
    pub(crate) fn quantity(self, value: Option<Decimal>, places: Option<u32>) -> Span {
        self.show(value.map(|value| Span::plain(format::stepped(value, places))))
    }

    /// An own size.
    pub(crate) fn size(self, value: Option<Decimal>, places: Option<u32>) -> Span {
        self.amount(value, |value| Span::plain(format::stepped(value, places)))
    }

    fn amount(self, value: Option<Decimal>, write: impl Fn(Decimal) -> Span) -> Span {
        self.show(value.map(|value| if self.privacy { Span::plain(HIDDEN) } else { write(value) }))
    }

    /// A time of day in the zone.
    pub(crate) fn clock(self, time: Option<Timestamp>) -> Span {
        self.time(time, format::clock)
    }

    /// A time of day in the zone, with its day where that is not the day of `now`.
    pub(crate) fn recent(self, time: Option<Timestamp>, now: Timestamp) -> Span {
        self.time(time, |time, zone| format::recent_clock(time, now, zone))
    }

    /// The same to the minute.
    pub(crate) fn recent_minute(self, time: Option<Timestamp>, now: Timestamp) -> Span {
        self.time(time, |time, zone| format::recent_minute(time, now, zone))
    }

    /// Date, time of day and zone.
    pub(crate) fn date_time(self, time: Option<Timestamp>) -> Line {
        let span = self.time(time, format::date_time);
        words(&span.text, span.role).collect()
    }

    fn time(
        self,
        time: Option<Timestamp>,
        write: impl Fn(Timestamp, &TimeZone) -> Option<String>,
    ) -> Span {
        let text = time.and_then(|time| write(time, self.zone));
        text.map_or_else(|| Absent::Unknown.span(), |text| self.word(text))
    }
}

/// Returns the role of a gain or loss.
pub(crate) const fn tone(value: Decimal) -> Role {
    if value.is_zero() {
        Role::Plain
    } else if value.is_sign_negative() {
        Role::Loss
    } else {
        Role::Gain
    }
}

/// Returns `LONG` or `SHORT`.
pub(crate) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Long => "LONG",
        Side::Short => "SHORT",
    }
}

/// Returns the side. Not in the colours of gain and loss: a winning short would be half red.
pub(crate) fn side(side: Side) -> Span {
    Span::plain(side_word(side))
}
