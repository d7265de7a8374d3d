//! The price panel: the market of the focus.

use rust_decimal::Decimal;

use super::Inputs;
use super::ink::{Gap, Ink, Piece};
use super::model::{Body, Figure, Heading, Panel};
use crate::risk;
use crate::ui::format::{self, Sign};
use crate::ui::theme::Role;

pub(super) fn panel(inputs: &Inputs<'_>) -> Panel {
    let ticker = &inputs.document.ticker;
    let (grade, places) = (inputs.ticker_grade(), inputs.price_places());
    let price = |value| Ink::price(value, places, Gap::Unknown, grade);
    let compact = |value: Option<Decimal>, unit: &str| match value {
        Some(value) => Ink::price(Some(value), Some(2), Gap::Unknown, grade)
            .with_text(format!("{} {unit}", format::compact(value))),
        None => Gap::Unknown.piece(),
    };
    let base = inputs.base_coin().unwrap_or_default();
    let size_places = inputs.size_places();
    let quote = |price_of: Option<Decimal>, size: Option<Decimal>| {
        let mut value = vec![price(price_of)];
        if let Some(size) = size {
            let text = format!("x {}", format::stepped(size, size_places));
            value.push(Piece::label(text));
        }
        value
    };
    let mut last = price(ticker.last);
    if last.role == Role::Plain {
        last.role = Role::Strong;
    }
    let mut mark = price(ticker.mark);
    if mark.role == Role::Plain {
        mark.role = Role::Strong;
    }
    let mut funding = vec![Ink::signed_percent(ticker.funding_rate, 4, Gap::Unknown, grade)];
    // A rate is nobody's gain: who pays depends on the side.
    if let Some(rate) = funding.first_mut()
        && matches!(rate.role, Role::Gain | Role::Loss)
    {
        rate.role = Role::Plain;
    }
    if let Some(hours) = ticker.funding_interval_hours {
        funding.push(Piece::label(format!("per {hours}h")));
    }
    let next = ticker.next_funding_at.map_or_else(
        || Gap::Unknown.piece(),
        |at| {
            let left = risk::funding_countdown(at.0, inputs.document.taken_at.0);
            Piece::plain(format::countdown(left))
        },
    );
    let figures = vec![
        Figure::one("Last", last),
        Figure::one("Mark", mark),
        Figure::one("24h change", Ink::signed_percent(ticker.change_24h, 2, Gap::Unknown, grade)),
        Figure::new("Funding rate", funding),
        Figure::one("Next funding in", next),
        Figure::new("Spread", spread(inputs)),
        Figure::new("Bid", quote(ticker.bid, ticker.bid_size)),
        Figure::new("Ask", quote(ticker.ask, ticker.ask_size)),
        Figure::one("Index", price(ticker.index)),
        Figure::new(
            "24h range",
            vec![price(ticker.low_24h), Piece::label("to"), price(ticker.high_24h)],
        ),
        Figure::one("24h volume", compact(ticker.volume_24h_base, &base)),
        Figure::one("Open interest", compact(ticker.open_interest, &base)),
        Figure::one("24h turnover", compact(ticker.volume_24h_quote, "USDT")),
        Figure::one("24h open", price(ticker.open_24h)),
    ];
    let heading = Heading::new(format!("Price {}", inputs.document.symbol), grade.mark());
    Panel::new(heading, Body::Figures(figures))
}

/// Ask minus bid, in price and in percent of the middle.
fn spread(inputs: &Inputs<'_>) -> Vec<Piece> {
    let ticker = &inputs.document.ticker;
    let grade = inputs.ticker_grade();
    let Some((bid, ask)) = ticker.bid.zip(ticker.ask) else {
        return vec![Gap::Unknown.piece()];
    };
    let share = risk::spread(bid, ask).and_then(|share| format::percent(share, 4, Sign::Negative));
    let mut value =
        vec![Ink::price(ask.checked_sub(bid), inputs.price_places(), Gap::Unknown, grade)];
    value.extend(share.map(Piece::label));
    value
}

impl Piece {
    /// Returns the piece with another text.
    fn with_text(mut self, text: String) -> Self {
        self.text = text;
        self
    }
}
