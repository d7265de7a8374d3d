//! What moves of the price would do, and what it takes to bring the liquidation price to a target.

use rust_decimal::Decimal;

use super::Inputs;
use super::ink::{Gap, Grade, Ink, Piece, words};
use super::model::{Body, Column, Figure, Panel, Table};
use super::money::marked;
use super::positions::{RowInk, opened};
use crate::report::{PositionRow, Scenario};
use crate::ui::format::{self, Sign};
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// One row a move, the present among them: the contract of the position alone, then all contracts.
pub(super) fn table(inputs: &Inputs<'_>, state: &UiState, subject: Option<&PositionRow>) -> Panel {
    let title = ("Scenarios", PanelId::Scenarios);
    let (mut heading, show) = match opened(inputs, state, title, subject) {
        Ok(open) => open,
        Err(nothing) => return *nothing,
    };
    let row = show.row;
    let (account, risk) = (&inputs.document.account, &inputs.document.risk);
    let derived = Grade::new(account.derived, account.derived_age_ms);
    let one = show.grade.worse(derived);
    let all = derived.worse(Grade::new(risk.freshness, risk.age_ms));
    heading.title = format!("Scenarios: {} {} moves", row.symbol, row.side.to_uppercase());
    heading.marks.extend(one.worse(all).mark());
    let (single, every) = (&row.risk.scenarios, &risk.account_scenarios);
    if single.is_empty() && every.is_empty() {
        let line = vec![Piece::plain("scenarios"), Gap::Unknown.piece()];
        return Panel::new(heading, Body::Message(vec![vec![line]]));
    }
    heading.note =
        vec![Piece::label("All: every contract moves alike"), Piece::label("LIQ: liquidated")];
    let write = Write { show: &show, one, all };
    let present = [account.unrealized_pnl, account.equity];
    let mut shifts: Vec<Decimal> =
        single.iter().chain(every).map(|scenario| scenario.shift).collect();
    shifts.push(Decimal::ZERO);
    shifts.sort_unstable();
    shifts.dedup();
    let of = |list: &'_ [Scenario], shift| list.iter().position(|at| at.shift == shift);
    let rows = shifts
        .into_iter()
        .map(|shift| {
            let alone = of(single, shift).and_then(|at| single.get(at));
            let alike = of(every, shift).and_then(|at| every.get(at));
            if shift.is_zero() && alone.is_none() && alike.is_none() {
                return write.present(present, account.margin_ratio);
            }
            write.moved(shift, alone, alike)
        })
        .collect();
    let columns = vec![
        Column::new("Move", true, 0, 5),
        Column::new("Price", true, 2, 9),
        Column::new("Ratio", true, 1, 7),
        Column::new("uPnL", true, 4, 10),
        Column::new("Equity", true, 3, 10),
        Column::new("All: ratio", true, 5, 10),
        Column::new("All: uPnL", true, 7, 10),
        Column::new("All: equity", true, 6, 11),
    ];
    let table = Table { columns, rows, selected: None, first: 0 };
    Panel::new(heading, Body::Table(table))
}

/// How one row is written.
struct Write<'a> {
    show: &'a RowInk<'a>,
    /// Of what one contract does to the account.
    one: Grade,
    /// Of what all contracts do to it.
    all: Grade,
}

impl Write<'_> {
    fn present(
        &self,
        [unrealized, equity]: [Option<Decimal>; 2],
        ratio: Option<Decimal>,
    ) -> Vec<Piece> {
        let row = self.show.row;
        // The left part tells the result of this position, the right one that of all of them.
        let [one_pnl, one_equity] = self.account(row.unrealized_pnl, equity, self.one);
        let [all_pnl, all_equity] = self.account(unrealized, equity, self.all);
        vec![
            Piece::new("now", Role::Strong),
            self.show.mark(),
            Ink::percent(row.margin_ratio, Gap::Unknown, self.one),
            one_pnl,
            one_equity,
            Ink::percent(ratio, Gap::Unknown, self.all),
            all_pnl,
            all_equity,
        ]
    }

    fn moved(
        &self,
        shift: Decimal,
        alone: Option<&Scenario>,
        alike: Option<&Scenario>,
    ) -> Vec<Piece> {
        let places = shift.normalize().scale().saturating_sub(2);
        let text = format::percent(shift, places, Sign::Always);
        let row = self.show.row;
        let pnl_of = |scenario: Option<&Scenario>, grade| {
            self.account(
                scenario.and_then(|at| at.unrealized_pnl),
                scenario.and_then(|at| at.equity),
                grade,
            )
        };
        let [one_pnl, one_equity] = pnl_of(alone, self.one);
        let [all_pnl, all_equity] = pnl_of(alike, self.all);
        vec![
            text.map_or_else(|| Gap::Unknown.piece(), Piece::plain),
            Ink::price(alone.and_then(|at| at.price), row.price_places, Gap::Unknown, self.one),
            ratio(alone, self.one),
            one_pnl,
            one_equity,
            ratio(alike, self.all),
            all_pnl,
            all_equity,
        ]
    }

    fn account(
        &self,
        unrealized: Option<Decimal>,
        equity: Option<Decimal>,
        grade: Grade,
    ) -> [Piece; 2] {
        let ink = self.show.ink;
        [ink.gain(unrealized, Gap::Unknown, grade), ink.money(equity, Gap::Unknown, grade)]
    }
}

/// The margin ratio, or the word for the end.
fn ratio(scenario: Option<&Scenario>, grade: Grade) -> Piece {
    match scenario {
        Some(scenario) if scenario.liquidated => {
            Piece::new("LIQ", if grade.is_live() { Role::Danger } else { Role::Stale })
        }
        other => Ink::percent(other.and_then(|at| at.margin_ratio), Gap::Unknown, grade),
    }
}

/// The inverse answers: margin to add, size still allowed, size to cut.
pub(super) fn what_if(
    inputs: &Inputs<'_>,
    state: &UiState,
    subject: Option<&PositionRow>,
) -> Panel {
    let title = ("What if", PanelId::WhatIf);
    let (mut heading, show) = match opened(inputs, state, title, subject) {
        Ok(open) => open,
        Err(nothing) => return *nothing,
    };
    let row = show.row;
    let (answer, grade, ink) = (&row.risk.what_if, show.grade, show.ink);
    heading.title = format!("What if: {} {}", row.symbol, row.side.to_uppercase());
    heading.marks.extend(grade.mark());
    heading.note = vec![Piece::label("+ and - move the target")];
    let coin = row.base_coin.clone().unwrap_or_default();
    // What is available bounds what can be added, and comes with the account.
    let account = &inputs.document.account;
    let able = grade.worse(Grade::new(account.freshness, account.age_ms));
    let with = |coin: &str, piece: Piece, grade: Grade| {
        let known = piece.role != Role::Unknown;
        let mut line = marked(piece, grade);
        line.extend(known.then(|| Piece::label(coin)));
        line
    };
    let size = |value: Option<Decimal>, grade: Grade| {
        ink.size(value, row.size_places, Gap::Unknown, grade)
    };
    let mut target = vec![Ink::percent(answer.target_distance, Gap::Unknown, grade)];
    let price = Ink::price(answer.target_price, row.price_places, Gap::Unknown, grade);
    target.push(price.after("="));
    let (label, margin) = match answer.margin_to_add {
        Some(margin) if margin.is_sign_negative() && !margin.is_zero() => {
            ("Margin to spare", margin.abs())
        }
        Some(margin) => ("Margin to add", margin),
        None => ("Margin to add", Decimal::ZERO),
    };
    let margin = answer.margin_to_add.map(|_| margin);
    let add = match answer.size_allowed {
        Some(allowed) if allowed.is_zero() => words("none: cut first", Role::Warn).collect(),
        allowed => with(&coin, size(allowed, able), able),
    };
    let cut = match (answer.size_to_cut, answer.margin_to_add) {
        (Some(cut), _) if cut.is_zero() => {
            vec![Piece::new("none: the target holds", Role::Good)]
        }
        // The answer is known: no cut reaches the target.
        (None, Some(_)) => vec![Piece::new("cutting cannot reach it", Role::Warn)],
        (cut, _) => with(&coin, size(cut, grade), grade),
    };
    let mut figures = vec![
        Figure::new("Liq. target", target),
        Figure::new(label, with("USDT", ink.money(margin, Gap::Unknown, grade), grade)),
        Figure::new("or cut", cut),
        Figure::new("May still add", add),
    ];
    // What was asked for last is not what these answers are for.
    let asked = state.target.distance();
    if answer.target_distance != Some(asked) {
        let asked = Ink::percent(Some(asked), Gap::Unknown, grade).text;
        figures.insert(1, Figure::one("  asked for", Piece::new(asked, Role::Warn)));
    }
    Panel::new(heading, Body::Figures(figures))
}
