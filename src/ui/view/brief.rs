//! The small screens: a phone, a strip of a few lines, one line.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::ink::{Forms, Gap, Grade, Ink, Line, Piece, side};
use super::model::Brief;
use super::money::level;
use super::positions::{RowInk, absence};
use super::{Inputs, header};
use crate::report::PositionRow;
use crate::ui::state::UiState;
use crate::ui::theme::Role;

pub(super) fn build(inputs: &Inputs<'_>, state: &UiState, rows: &[&PositionRow]) -> Brief {
    let mut top = Vec::new();
    top.extend(inputs.context.other_host.as_ref().map(|host| {
        vec![
            vec![Piece::new(format!(" OTHER HOST {host} "), Role::Alarm)],
            vec![Piece::new(" OTHER HOST ", Role::Alarm)],
        ]
    }));
    top.extend(alarm(inputs));
    top.extend(header::problem(inputs, state));
    top.extend(header::alert(inputs, state));
    top.push(price(inputs));
    top.extend(margin(inputs));
    // What hides positions stands above them.
    top.extend(filter(inputs, state, rows.len()));
    let tail = vec![header::links_in_brief(inputs)];
    let blocks = if rows.is_empty() {
        vec![nothing(inputs, state)]
    } else {
        rows.iter().map(|row| block(inputs, state, row)).collect()
    };
    let selected = state.selected.as_ref();
    let selected = rows.iter().position(|row| selected.is_some_and(|id| id.is(row)));
    Brief {
        selected: selected.unwrap_or_default(),
        badge: header::badge(inputs),
        head: head(inputs, state),
        top,
        blocks,
        tail,
        tiny: tiny(inputs, state, rows),
        single: single(inputs, state, rows),
    }
}

/// The filter that is on, and how many positions pass it.
fn filter(inputs: &Inputs<'_>, state: &UiState, passing: usize) -> Option<Forms> {
    if state.filter.is_empty() {
        return None;
    }
    let of = format!("{passing} of {} shown", inputs.document.positions.rows.len());
    let of = Piece::new(of, Role::Warn);
    let text = Piece::new(format!("filter {:?}:", state.filter), Role::Warn);
    Some(vec![vec![text, of.clone()], vec![of]])
}

/// The filter while it is typed: it takes every key.
fn typed(state: &UiState) -> Forms {
    let typed = Piece::new(format!("filter: {}_", state.filter), Role::Key);
    let help = Piece::label("Enter keeps, Esc clears");
    vec![vec![typed.clone(), help], vec![typed], vec![Piece::new("filter_", Role::Key)]]
}

/// What the key could do beyond reading.
fn alarm(inputs: &Inputs<'_>) -> Option<Forms> {
    let alarm = header::key_alarm(inputs)?;
    Some(vec![
        vec![Piece::new(format!(" {alarm} "), Role::Alarm)],
        vec![Piece::new("KEY!", Role::Alarm)],
    ])
}

fn head(inputs: &Inputs<'_>, state: &UiState) -> Forms {
    if state.editing {
        return typed(state);
    }
    let frozen: Line = header::frozen(inputs, state).into_iter().collect();
    let symbol = Piece::new(inputs.document.symbol.clone(), Role::Strong);
    let clock = inputs.ink(state).clock(Some(inputs.document.taken_at));
    let with = |more: &[&Piece]| -> Line {
        let mut line = frozen.clone();
        line.extend(more.iter().map(|piece| (*piece).clone()));
        line
    };
    vec![with(&[&symbol, &clock]), with(&[&symbol]), with(&[&clock]), frozen.clone()]
}

/// The mark price with its age; never a price without its warning.
fn price(inputs: &Inputs<'_>) -> Forms {
    let ticker = &inputs.document.ticker;
    let grade = inputs.ticker_grade();
    let mark = Ink::price(ticker.mark, inputs.price_places(), Gap::Unknown, grade);
    let change = Ink::signed_percent(ticker.change_24h, 2, Gap::Unknown, grade);
    let labelled = mark.clone().after("mark");
    let warned = |pieces: Vec<Piece>| -> Line {
        let mut line = pieces;
        line.extend(grade.mark());
        line
    };
    vec![
        vec![labelled.clone(), change.after("24h"), grade.word_with_age()],
        vec![labelled.clone(), grade.word_with_age()],
        warned(vec![labelled]),
        warned(vec![mark]),
    ]
}

/// The margin ratio of the account with its level and a bar of ten cells. Of a position it is shown even
/// where it has no value, because nothing is left to divide by: the level stands beside it.
fn margin(inputs: &Inputs<'_>) -> Option<Forms> {
    let (account, risk) = (&inputs.document.account, &inputs.document.risk);
    if account.margin_ratio.is_none() && inputs.document.positions.rows.is_empty() {
        return None;
    }
    let grade = Grade::new(account.derived, account.derived_age_ms);
    let mut line =
        vec![Ink::percent(account.margin_ratio, Gap::Unknown, grade).after("margin ratio")];
    line.extend(grade.mark());
    let short = line.clone();
    let of_risk = Grade::new(risk.freshness, risk.age_ms);
    line.extend(risk.level.map(|word| level(word, of_risk)));
    let middle = line.clone();
    if let Some(filled) = account.margin_ratio.and_then(tenths) {
        let bar = "█".repeat(filled) + &"░".repeat(10_usize.saturating_sub(filled));
        line.push(Piece::label(bar));
    }
    Some(vec![line, middle, short])
}

fn tenths(ratio: Decimal) -> Option<usize> {
    ratio.clamp(Decimal::ZERO, Decimal::ONE).checked_mul(Decimal::TEN)?.round().to_usize()
}

/// Lines where positions would be.
fn nothing(inputs: &Inputs<'_>, state: &UiState) -> Vec<Forms> {
    if !inputs.context.credentials {
        return super::no_credentials();
    }
    if !inputs.document.positions.rows.is_empty() {
        let text = "no position passes the filter";
        return vec![vec![vec![Piece::new(text, Role::Warn)]]];
    }
    vec![absence(inputs, state)]
}

/// Three lines of one position.
fn block(inputs: &Inputs<'_>, state: &UiState, row: &PositionRow) -> Vec<Forms> {
    let show = RowInk::new(inputs, state, row);
    let symbol = Piece::new(row.symbol.clone(), Role::Strong);
    vec![
        vec![
            vec![symbol.clone(), side(row.side), show.size_with_coin()],
            vec![symbol.clone(), side(row.side), show.size()],
            vec![symbol, side(row.side)],
        ],
        result(&show),
        danger(&show),
    ]
}

/// The result of a position; never without its warning.
fn result(show: &RowInk<'_>) -> Forms {
    let amount = show.unrealized();
    let labelled = amount.clone().after("uPnL");
    forms_with_mark(
        show,
        &[vec![labelled.clone(), show.roe().after("ROE")], vec![labelled], vec![amount]],
    )
}

/// The distance to liquidation with the age; never without its warning.
fn danger(show: &RowInk<'_>) -> Forms {
    let distance = show.distance().after("liq");
    let mut forms = Vec::new();
    if show.row.liquidation_price.is_some() {
        let price = show.liquidation().after("at");
        forms.push(vec![distance.clone(), price, show.grade.word_with_age()]);
    }
    forms.push(vec![distance.clone(), show.grade.word_with_age()]);
    forms.extend(forms_with_mark(show, &[vec![distance]]));
    forms
}

/// Returns each line with the full warning, then with the bare word; as it is when none is due.
fn forms_with_mark(show: &RowInk<'_>, lines: &[Line]) -> Forms {
    let Some(mark) = show.grade.mark() else {
        return lines.to_vec();
    };
    let word = Piece::new(mark.text.split(' ').next().unwrap_or_default().to_owned(), mark.role);
    let mut forms = Vec::new();
    for line in lines {
        for mark in [&mark, &word] {
            let mut line = line.clone();
            line.push(mark.clone());
            forms.push(line);
        }
    }
    forms
}

fn letter(row: &PositionRow) -> Piece {
    let long = side(row.side);
    Piece::new(long.text.chars().take(1).collect::<String>(), long.role)
}

/// A few lines: the most important thing first. The badge stands before the first one.
fn tiny(inputs: &Inputs<'_>, state: &UiState, rows: &[&PositionRow]) -> Vec<Forms> {
    let frozen: Line = header::frozen(inputs, state).into_iter().collect();
    let Some(row) = inputs.subject(state).or_else(|| rows.first().copied()) else {
        let mut lines = vec![if state.editing { typed(state) } else { vec![frozen] }];
        lines.extend(alarm(inputs));
        lines.extend(nothing(inputs, state));
        lines.push(price(inputs));
        return lines;
    };
    let show = RowInk::new(inputs, state, row);
    let with = |more: Vec<Piece>| -> Line {
        let mut line = frozen.clone();
        line.extend(more);
        line
    };
    let mut lines: Vec<Forms> = if state.editing { vec![typed(state)] } else { Vec::new() };
    lines.extend([
        vec![
            with(vec![Piece::plain(row.symbol.clone()), side(row.side), show.size_with_coin()]),
            with(vec![side(row.side), show.size_with_coin()]),
            with(vec![side(row.side), show.size()]),
            with(vec![side(row.side)]),
            with(vec![letter(row)]),
            frozen.clone(),
        ],
        result(&show),
        danger(&show),
    ]);
    lines.extend(alarm(inputs));
    lines.push(price(inputs));
    lines.push(header::links_in_brief(inputs));
    lines
}

/// One line after the badge, such as `L 0.5 +123.45 liq 8.2%`.
fn single(inputs: &Inputs<'_>, state: &UiState, rows: &[&PositionRow]) -> Forms {
    if state.editing {
        return typed(state);
    }
    let frozen: Line = header::frozen(inputs, state).into_iter().collect();
    let with = |more: Vec<Piece>| -> Line {
        let mut line = frozen.clone();
        line.extend(more);
        line
    };
    let Some(row) = inputs.subject(state).or_else(|| rows.first().copied()) else {
        let mut forms: Forms = Vec::new();
        if inputs.context.credentials {
            forms.extend(absence(inputs, state).into_iter().map(&with));
        }
        forms.extend(price(inputs).into_iter().map(&with));
        forms.push(frozen.clone());
        return forms;
    };
    let show = RowInk::new(inputs, state, row);
    let distance = show.distance().after("liq");
    let lines = [
        vec![
            Piece::plain(row.symbol.clone()),
            side(row.side),
            show.size_with_coin(),
            show.unrealized().after("uPnL"),
            distance.clone(),
        ],
        vec![letter(row), show.size(), show.unrealized(), distance.clone()],
        vec![letter(row), show.unrealized(), distance],
        vec![letter(row), show.unrealized()],
    ];
    let mut forms: Forms = forms_with_mark(&show, &lines).into_iter().map(&with).collect();
    forms.extend([with(vec![side(row.side)]), with(vec![letter(row)]), frozen.clone()]);
    forms
}
