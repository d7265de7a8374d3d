//! Lists with one hostile row among good ones: the good ones count, whatever stands beside them.

use bitget_watch::domain::{Body, OrderClass, Origin, Product};
use bitget_watch::exchange::Request;
use serde_json::Value;

use crate::bodies_of;
use crate::payloads::{Payloads, V2, V3};
use crate::state::clean_document;
use crate::values::{hostile, poisoned};

/// Rows of each list, and which of them is hostile.
const ROWS: usize = 10;
const BAD: usize = 4;

/// A list: whose payload, its name, its request (`None` for a push), and the fields without which a row
/// has nothing that is safe to show.
type List = (Payloads, &'static str, Option<Request>, &'static [&'static str]);

fn lists() -> Vec<List> {
    let orders = |class| Some(Request::Orders(Product::UsdtFutures, class));
    let position = &["symbol", "instId", "holdSide", "marginMode", "marginCoin", "total"][..];
    let order = &["symbol", "instId", "orderId"][..];
    let fill = &["symbol", "tradeId"][..];
    let unified = &["symbol", "posSide", "marginMode", "marginCoin", "total", "size"][..];
    // A row of another product is not ours.
    let category_order = &["symbol", "orderId", "category"][..];
    let category_fill = &["symbol", "execId", "category"][..];
    let closed = &["symbol", "instId", "holdSide"][..];
    vec![
        (
            V2,
            "rest_all_position_isolated_hedge_live_2025-08",
            Some(Request::Positions(Product::UsdtFutures)),
            position,
        ),
        (
            V2,
            "rest_all_position_doc_isolated_tpsl",
            Some(Request::Positions(Product::UsdtFutures)),
            position,
        ),
        (V2, "rest_orders_pending_hedge_2023-11", orders(OrderClass::Plain), order),
        (V2, "rest_orders_plan_pending_2023-11", orders(OrderClass::Trigger), order),
        (V2, "rest_fills_2023-11", Some(Request::Fills), fill),
        (V2, "rest_history_position_2024-07", Some(Request::ClosedPositions), closed),
        (V2, "ws_positions_doc_2025-12", None, position),
        (V2, "ws_orders_live_one_way_2025-03", None, order),
        (V2, "ws_orders_algo_doc", None, order),
        (V2, "ws_fill_hedge_2024-04", None, fill),
        (V2, "ws_positions_history_2024-06", None, closed),
        (
            V3,
            "rest_position_current_live_short_cross",
            Some(Request::Positions(Product::UsdtFutures)),
            unified,
        ),
        (V3, "ws_position_live_open_short", None, unified),
        (V3, "rest_trade_unfilled_orders_live", orders(OrderClass::Plain), order),
        (V3, "rest_trade_unfilled_strategy_orders", orders(OrderClass::Trigger), order),
        (V3, "ws_order_live_new_limit", None, category_order),
        (V3, "rest_trade_fills_live", Some(Request::Fills), category_fill),
        (V3, "ws_fill_live_short_open", None, category_fill),
        (V3, "rest_position_history", Some(Request::ClosedPositions), unified),
    ]
}

/// Where the rows of an envelope are.
fn place_of_rows(envelope: &Value) -> String {
    let Some(members) = envelope["data"].as_object() else { return "/data".to_owned() };
    let (name, _) = members.iter().find(|(_, member)| member.is_array()).unwrap();
    format!("/data/{name}")
}

/// The envelope with [`ROWS`] copies of the first row, each with ids of its own.
fn many(envelope: &Value) -> Value {
    let place = place_of_rows(envelope);
    let mut envelope = envelope.clone();
    let rows = envelope.pointer_mut(&place).unwrap();
    let first = rows[0].clone();
    let row = |index: usize| {
        let mut row = first.clone();
        for name in ["symbol", "instId"] {
            if row.get(name).is_some() {
                row[name] = format!("C{index}USDT").into();
            }
        }
        for name in ["orderId", "tradeId", "execId", "posId", "clientOid"] {
            if row.get(name).is_some() {
                row[name] = format!("{}", 1_000 + index).into();
            }
        }
        row
    };
    *rows = (0..ROWS).map(row).collect();
    envelope
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a serde_json::value::RawValue,
}

/// Parses an envelope; `None` when it is rejected as a whole.
fn read(of: Payloads, request: Option<&Request>, envelope: &str) -> Option<Vec<Body>> {
    let Some(request) = request else {
        return of.api().read_message(envelope).ok().map(|message| bodies_of(&message));
    };
    let envelope: Envelope<'_> = serde_json::from_str(envelope).unwrap();
    of.api().read_response(request, envelope.data.get()).ok().map(|response| response.bodies)
}

/// The rows as text, and how many were unreadable where that is counted.
fn rows_of(bodies: &[Body]) -> (Vec<String>, Option<u32>) {
    fn shown<T: std::fmt::Debug>(rows: &[T]) -> Vec<String> {
        rows.iter().map(|row| format!("{row:?}")).collect()
    }
    match bodies {
        [Body::Positions(set)] => (shown(&set.rows), Some(set.unreadable)),
        [Body::Orders(set)] => (shown(&set.rows), Some(set.unreadable)),
        [Body::Fills(rows)] => (shown(rows), None),
        [Body::ClosedPositions(rows)] => (shown(rows), None),
        other => panic!("{other:?}"),
    }
}

#[test]
fn fc_26_a_hostile_row_costs_no_other_row() {
    let mut count = 0;
    for (of, name, request, needed) in lists() {
        let envelope: Value = serde_json::from_str(&of.text(name)).unwrap();
        let ten = many(&envelope);
        let place = place_of_rows(&ten);
        let request = request.as_ref();
        let (mut good, _) = rows_of(&read(of, request, &ten.to_string()).unwrap());
        assert_eq!(good.len(), ROWS, "{name}");
        good.remove(BAD);

        let row = ten.pointer(&place).unwrap()[BAD].as_object().unwrap().clone();
        let bad_row = format!("{place}/{BAD}");
        let fields = row.keys().map(|field| format!("{bad_row}/{field}"));
        for at in fields.chain([bad_row.clone()]) {
            let field = at.strip_prefix(&format!("{bad_row}/")).unwrap_or_default();
            for (poison, value) in hostile() {
                let Some(mutant) = poisoned(&ten, &at, &value) else { continue };
                count += 1;
                let what = format!("{name}{at}: {poison}");
                let bodies =
                    read(of, request, &mutant).unwrap_or_else(|| panic!("{what}: refused"));
                let (rows, unreadable) = rows_of(&bodies);
                assert!(good.iter().all(|row| rows.contains(row)), "{what}: {rows:#?}");
                // Invalid JSON: the row around it is unreadable.
                let no_json = matches!(poison, "half a pair" | "1e400 bare");
                if !field.is_empty() && !needed.contains(&field) && !no_json {
                    assert_eq!(rows.len(), ROWS, "{what}: {field} is not needed");
                }
                // A row of size zero is not a position.
                let may_vanish = (["total", "size"].contains(&field)
                    && matches!(poison, "zero" | "the smallest decimal"))
                    || ["category", "symbol"].contains(&field) && of.0 == V3.0;
                if let Some(unreadable) = unreadable.filter(|_| !may_vanish) {
                    assert_eq!(
                        rows.len() + usize::try_from(unreadable).unwrap(),
                        ROWS,
                        "{what}: counted"
                    );
                }
                let origin = if request.is_some() { Origin::Rest } else { Origin::PrivatePush };
                let document = clean_document(&what, origin, bodies);
                if place == "/data" && name.contains("position") && !name.contains("history") {
                    let shown = document["positions"]["rows"].as_array().unwrap().len();
                    assert_eq!(shown, rows.len(), "{what}: shown");
                    assert_eq!(
                        document["positions"]["unreadable_rows"],
                        unreadable.unwrap(),
                        "{what}"
                    );
                }
            }
        }
    }
    println!("{count} lists with a hostile row");
    assert!(count > 7_000, "{count} lists were tried");
}
