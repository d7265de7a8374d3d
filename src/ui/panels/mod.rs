//! What each panel says. Adding one takes its file, its id with its arm in [`build`], and its place in
//! `layout`.

mod absence;
mod account_risk;
mod alert_banner;
mod away;
mod candle_chart;
mod chart_bars;
mod chart_levels;
mod closed_positions;
mod coin_table;
mod compact;
mod daily_results;
mod data_ages;
mod equity_curve;
mod equity_periods;
mod equity_places;
mod event_list;
mod forced_close;
mod glossary;
mod header;
mod help;
mod hero;
mod inputs;
mod key_bar;
mod link_line;
mod link_table;
mod market_trades;
mod open_orders;
mod order_book;
mod order_detail;
mod own_fills;
mod pnl_summary;
mod position_detail;
mod position_figures;
mod position_plans;
mod position_totals;
mod positions_table;
mod price;
mod price_levels;
mod risk_summary;
mod row_formatter;
mod row_order;
mod scenario_curve;
mod scenario_table;
mod selected_position;
mod thousandths;
mod time_axis;
mod trade_journal;
mod trouble;
mod what_if_answers;

pub(crate) use candle_chart::overdue;
pub(crate) use coin_table::is_owed;
pub(crate) use compact::Compact;
pub(crate) use header::Header;
pub(crate) use hero::Hero;
pub(crate) use inputs::Inputs;
pub(crate) use key_bar::footer;
pub(crate) use position_detail::copy_text;

use ratatui::layout::Rect;

use super::layout::{Content, tab_order};
use super::state::UiState;
use super::views::PanelId;
use super::widgets::{Body, Heading, Panel, PriceScale};

/// Sorts and filters what has a selection into the state.
pub(crate) fn arrange(inputs: &Inputs<'_>, state: &mut UiState) {
    row_order::arrange(inputs, state);
    open_orders::arrange(inputs, state);
    state.newest_away = inputs.report.memory.away.as_deref().map(|away| away.from);
}

/// Returns how many rows the lists have.
pub(crate) fn content(inputs: &Inputs<'_>, state: &UiState) -> Content {
    let report = inputs.report;
    if !report.has_credentials() {
        return Content::default();
    }
    Content {
        positions: state.shown.len(),
        orders: state.shown_orders.len(),
        fills: report.fills.len(),
    }
}

/// Returns a panel that will be drawn in `area`. What must be remembered of a chart is kept in `scale`.
pub(crate) fn build(
    id: PanelId,
    inputs: &Inputs<'_>,
    state: &UiState,
    scale: &mut Option<PriceScale>,
    area: Rect,
) -> Panel {
    let width = area.width;
    // Without credentials a private panel says what it takes to see it.
    let no_key =
        |title: &str| Panel::new(Heading::new(title), Body::Message(absence::no_credentials()));
    let private = |title: &str, panel: fn(&Inputs<'_>, &UiState) -> Panel| {
        if inputs.report.has_credentials() { panel(inputs, state) } else { no_key(title) }
    };
    let mut panel = match id {
        PanelId::Price => price::panel(inputs, state),
        PanelId::Book => order_book::panel(inputs, state, area),
        PanelId::Trades => market_trades::panel(inputs, state),
        PanelId::Chart => candle_chart::panel(inputs, state, scale, width.saturating_sub(2)),
        PanelId::Positions if !inputs.report.has_credentials() => no_key("Positions"),
        PanelId::Positions => positions_table::panel(inputs, state, width),
        PanelId::Pnl => private("PnL", pnl_summary::panel),
        PanelId::Risk => private("Risk", risk_summary::panel),
        PanelId::Orders => private("Orders", open_orders::panel),
        PanelId::Events => event_list::panel(inputs, state, width.saturating_sub(2)),
        PanelId::EventTexts => event_list::whole(inputs, state, width.saturating_sub(2)),
        PanelId::Away => away::panel(inputs, state, width.saturating_sub(2)),
        PanelId::AccountRisk => private("Account risk", account_risk::panel),
        PanelId::Coins => private("Coins", coin_table::panel),
        PanelId::PositionRisk => private("Position", selected_position::panel),
        PanelId::Scenarios => private("Scenarios", scenario_table::panel),
        PanelId::WhatIf => private("What if", what_if_answers::panel),
        PanelId::EquityCurve => equity_curve::panel(inputs, state),
        PanelId::Days => private("PnL by UTC day", daily_results::panel),
        PanelId::Journal => private("Journal", trade_journal::panel),
        PanelId::ClosedPositions => {
            private(&closed_positions::title(inputs), closed_positions::panel)
        }
        PanelId::Fills => private("Fills", own_fills::panel),
        PanelId::Links => link_table::panel(inputs, state),
        PanelId::Ages => data_ages::panel(inputs),
        PanelId::Trouble => trouble::panel(inputs, state),
        PanelId::Help => help::panel(state),
        PanelId::Detail => private("Position", position_detail::panel),
        PanelId::OrderDetail => private("Order", order_detail::panel),
    };
    panel.say_age_once();
    panel.heading.focused = state.panel_with_keys() == id;
    let takes_keys = tab_order(state.view).contains(&id);
    if takes_keys && matches!(id, PanelId::Orders | PanelId::Events | PanelId::Days) {
        panel.heading = panel.heading.noted("Tab: next panel");
    }
    for (of, remark) in [(PanelId::Events, "Enter: whole"), (PanelId::Orders, "Enter: detail")] {
        if id == of && panel.heading.focused {
            panel.heading = panel.heading.noted(remark);
        }
    }
    panel
}
