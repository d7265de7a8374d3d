//! What is said where there are no figures: flat only where that is proven.

use super::inputs::Inputs;
use crate::domain::Product;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Heading, Line, Panel, Span, Variants, words};

/// The variables that the private panels ask for.
const VARIABLES: [&str; 3] = ["BITGET_API_KEY", "BITGET_SECRET_KEY", "BITGET_PASSPHRASE"];

/// The words where private figures would be, without credentials.
pub(super) fn no_credentials() -> Vec<Variants> {
    let ask = |text: &str| words(text, Role::Warn).collect::<Line>();
    let long = [
        "No credentials: market data only. To see this, set",
        "No credentials. To see this, set",
        "No credentials. Set",
    ];
    let names = VARIABLES.map(|name| vec![ask(name)]);
    [long.map(ask).to_vec()].into_iter().chain(names).collect()
}

/// What is said of a list of which the filter hides every row.
pub(super) fn nothing_matches(state: &UiState) -> Line {
    vec![Span::new(format!("nothing matches /{}", state.filter), Role::Warn)]
}

/// Returns what can be said when no position is there.
pub(super) fn no_positions(inputs: &Inputs<'_>, state: &UiState) -> Variants {
    let confirmed = inputs.report.positions.confirmed_at;
    let at = confirmed.map(|at| inputs.report.exchange_time(at));
    let at = inputs.settled(state).clock(at).text;
    let (texts, role) = match confirmed {
        Some(_) if inputs.is_flat() => {
            let of = labels(&inputs.report.positions.listed(inputs.seen));
            let long = format!("No open positions ({of}), confirmed {at}");
            (
                vec![
                    long,
                    format!("No open positions, confirmed {at}"),
                    format!("no position {at}"),
                    format!("flat {at}"),
                ],
                Role::Plain,
            )
        }
        Some(_) if is_partly_known(inputs) => {
            let (known, unknown) = by_knowledge(inputs);
            let long = format!("No open positions ({known}); {unknown} not known");
            (vec![long, format!("{unknown} not known"), "unknown".to_owned()], Role::Unknown)
        }
        Some(_) => {
            let long = format!("positions unknown since {at}");
            (vec![long, format!("unknown {at}"), "unknown".to_owned()], Role::Unknown)
        }
        None => (vec!["positions not known yet".to_owned(), "not known".to_owned()], Role::Unknown),
    };
    let unknown = (role == Role::Unknown).then(|| vec![Absent::Unknown.span()]);
    let lines = texts.into_iter().map(|text| vec![Span::new(text, role)]);
    lines.chain(unknown).collect()
}

/// Returns whether the list of USDT-M is live and that of another product is not.
fn is_partly_known(inputs: &Inputs<'_>) -> bool {
    let positions = &inputs.report.positions;
    positions.age.is_live(inputs.seen)
        && positions.unreadable_rows == 0
        && positions.listed(inputs.seen).len() < Product::ALL.len()
}

/// Returns the names of the products whose lists are live, and of those whose are not.
fn by_knowledge(inputs: &Inputs<'_>) -> (String, String) {
    let positions = &inputs.report.positions;
    let (known, unknown): (Vec<Product>, Vec<Product>) = Product::ALL
        .into_iter()
        .partition(|product| positions.age_of(*product).is_live(inputs.seen));
    (labels(&known), labels(&unknown))
}

/// Returns the names of products: `USDT-M, USDC-M`.
pub(super) fn labels(products: &[Product]) -> String {
    products.iter().map(|product| product.label()).collect::<Vec<_>>().join(", ")
}

/// Returns what stands where there is no position to look at.
pub(super) fn no_subject(inputs: &Inputs<'_>) -> Absent {
    // Others that pass no filter are no reason to doubt.
    if inputs.is_flat() || !inputs.report.positions.rows.is_empty() {
        Absent::NotApplicable
    } else {
        Absent::Unknown
    }
}

/// Returns the panel of a single position where there is none.
pub(super) fn no_subject_panel(title: &str, inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let heading = Heading::new(title).aged(inputs.fresh(inputs.report.positions.age));
    Panel::new(heading, Body::Message(vec![no_positions(inputs, state)]))
}
