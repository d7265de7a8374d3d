//! What may become of the account: its level with the reason, what is left, and what a day may cost.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::position_figures::{level, ratio, reason, touch};
use super::risk_summary::{QUOTE, account_leverage};
use crate::report::VarMethod;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, Formatter, Heading, Panel, Span};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let (account, risk) = (&inputs.report.account, &inputs.report.risk);
    let derived = inputs.formatter(state, account.derived);
    let reported = inputs.formatter(state, account.age);
    let of_risk = inputs.formatter(state, risk.age);
    let all = inputs.fresh(account.derived.with(account.age).with(risk.age));
    // All its amounts are in one coin, but for what is available.
    let coin = account.margin_coin.as_ref().map_or("", |coin| coin.as_str());
    let mut heading = Heading::new(format!("Account risk {coin}").trim_end()).aged(all);
    heading.marks.extend(risk.level.map(|word| level(word, of_risk)));
    // Without a position nothing can be lost.
    let absent = if inputs.is_flat() { Absent::NotApplicable } else { Absent::Unknown };
    let (derived_or, of_risk_or) = (derived.absent(absent), of_risk.absent(absent));
    let money = |label, show: Formatter<'_>, value| show.figure(label, show.money(value));
    let loss = |label, var, shortfall| {
        let mut figure = money(label, of_risk_or, var);
        figure.value.push(of_risk_or.money(shortfall).after("ES"));
        figure
    };
    let volatility = |label, value| volatility(label, value, risk.volatility_provisional, of_risk);
    let method = match risk.var_method {
        // Until there is a history it will jump to what that says.
        Some(VarMethod::Normal) => {
            vec![of_risk.word("normal"), Span::new("provisional", Role::Warn)]
        }
        Some(VarMethod::History) => vec![of_risk.word("daily history")],
        None => vec![absent.span()],
    };
    // It is that of one contract, among figures of the whole account.
    let of_focus = format!("{} vol. 1 day", inputs.report.focus.base().unwrap_or_default());
    let mut available = money("Available", reported, account.available);
    if coin != QUOTE {
        available.value.push(Span::label(QUOTE));
    }
    let mut figures = vec![
        ratio("Margin ratio", account.margin_ratio, derived_or),
        money("Loss until liq.", derived_or, risk.surplus),
        money("At stake", of_risk_or, risk.at_stake),
        of_risk.figure("Liq. chance 24h", touch(risk.touch_probability.h24, of_risk_or)),
        loss("VaR 95% 1 day", risk.var_95_1d, risk.es_95_1d),
        loss("VaR 99% 1 day", risk.var_99_1d, risk.es_99_1d),
        money("Equity", derived, account.equity),
        account_leverage(inputs, derived_or),
        volatility(&of_focus, risk.sigma_1d),
        volatility("  per year", risk.volatility_annual),
        Figure::new("VaR method", method),
        money("Maintenance", derived_or, account.maintenance_margin),
        available,
    ];
    if risk.usdt_explains_liquidation == Some(false) {
        let also = Span::new("other coins too", Role::Warn);
        let so = Span::label("liquidation prices rest on them");
        figures.insert(3, Figure::new("Backed by", vec![also, so]));
    }
    let why = reason(risk.level, risk.reason.as_deref(), state, of_risk);
    Panel::new(heading, Body::Told(why, figures))
}

/// A volatility; resting on few candles it says so in the same span, and never stands without that.
fn volatility(
    label: &str,
    value: Option<Decimal>,
    provisional: bool,
    show: Formatter<'_>,
) -> Figure {
    let mut span = show.percent(value);
    if provisional && value.is_some() {
        span.text.push_str(" provisional");
        span = span.or_role(Role::Warn);
    }
    show.figure(label, span)
}
