//! The ledger: `financial-records`, which has a list for every category.

use serde::Deserialize;

use super::wire::CURSOR;
use crate::domain::{Body, Text, Timestamp};
use crate::exchange::ledger_row::{LedgerRow, Signs};
use crate::exchange::number::{Ms, Num, Presence, Raw};
use crate::exchange::rows::Page;
use crate::exchange::{Response, ShapeError, common_account, open_enum};

/// The categories of the ledger. It is documented nowhere which of them lists transfers, bonuses and fees
/// in another coin, so all are read, that of the results first.
const CATEGORIES: [&str; 6] =
    ["USDT-FUTURES", "OTHER", "USDC-FUTURES", "COIN-FUTURES", "MARGIN", "SPOT"];

/// A place in the ledger. As a cursor of a request it is the category and, after a space, the exchange's
/// own cursor; the first page of a category has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    index: usize,
    page: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Reads a cursor that [`ledger`] returned; anything else is the start.
    pub(super) fn new(cursor: Option<&'a Text>) -> Self {
        let text = cursor.map_or("", Text::as_str);
        let (category, page) = match text.split_once(' ') {
            Some((category, page)) => (category, Some(page)),
            None => (text, None),
        };
        match CATEGORIES.iter().position(|name| *name == category) {
            Some(index) => Self { index, page },
            None => Self { index: 0, page: None },
        }
    }

    fn category(self) -> &'static str {
        CATEGORIES.get(self.index).copied().unwrap_or_default()
    }

    /// Returns the parameters that select the page.
    pub(super) fn parameters(self) -> impl Iterator<Item = (&'static str, String)> {
        let page = self.page.map(|page| (CURSOR, page.to_owned()));
        [("category", self.category().to_owned())].into_iter().chain(page)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RecordModel<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    coin: Raw<'a>,
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    amount: Num,
    /// Negative when paid; missing or empty means zero.
    fee: Option<Presence>,
    ts: Ms,
}

/// Reads the data of `financial-records`, for the page that starts at `cursor`.
pub(super) fn ledger(
    since: Timestamp,
    cursor: Option<&Text>,
    data: &str,
) -> Result<Response, ShapeError> {
    let page = Page::read("a list of ledger entries", data, &["list"], CURSOR)?;
    let read = common_account::ledger(since, &page, |row: &RecordModel<'_>| {
        let row = LedgerRow {
            id: row.id.cleaned()?,
            symbol: open_enum::named_contract(&row.symbol),
            coin: open_enum::coin(&row.coin)?,
            word: row.kind.text().unwrap_or_default(),
            amount: row.amount.0?,
            fee_paid: common_account::ledger_fee(row.fee)?,
            time: row.ts.0?,
        };
        // Whether the amount is signed as well is not documented.
        Some(row.entry(Signs::InWord))
    })?;
    let place = Place::new(cursor);
    let next = read.next.map(|next| Text::new(&format!("{} {next}", place.category())));
    let next_list = CATEGORIES.get(place.index.saturating_add(1)).map(|name| Text::new(name));
    let mut bodies = read.bodies;
    for body in &mut bodies {
        if let Body::Ledger { complete, .. } = body {
            *complete &= next_list.is_none();
        }
    }
    Ok(Response { bodies, next, next_list, ..Response::default() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SINCE: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn data(rows: usize) -> String {
        let row = |id: usize| {
            json!({"category": "OTHER", "id": id.to_string(), "symbol": "", "coin": "USDT",
                "type": "TRANSFER_IN", "amount": "500", "fee": "0", "balance": "1500",
                "ts": "1790000001000"})
        };
        let rows: Vec<_> = (0..rows).map(row).collect();
        json!({ "list": rows, "cursor": "777" }).to_string()
    }

    #[test]
    fn every_category_is_read_to_its_end() {
        let (mut cursor, mut asked) = (None, Vec::new());
        loop {
            let place = Place::new(cursor.as_ref());
            let parameters: Vec<_> = place.parameters().map(|(_, value)| value).collect();
            // The first page of each category is full.
            let read =
                ledger(SINCE, cursor.as_ref(), &data(if parameters.len() == 1 { 100 } else { 3 }));
            let Response { bodies, next, next_list, .. } = read.unwrap();
            let [Body::Ledger { complete, rows, .. }] = &bodies[..] else { panic!("{bodies:?}") };
            asked.push((parameters.join(" "), rows.len()));
            assert_eq!(*complete, next.is_none() && next_list.is_none());
            cursor = next.or(next_list);
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<_> = CATEGORIES
            .iter()
            .flat_map(|name| [((*name).to_owned(), 100), (format!("{name} 777"), 3)])
            .collect();
        assert_eq!(asked, expected);
    }

    #[test]
    fn a_cursor_of_another_making_is_the_start() {
        for text in ["", " ", "777", "NEW-FUTURES", "NEW-FUTURES 777"] {
            let place = Place { index: 0, page: None };
            assert_eq!(Place::new(Some(&Text::new(text))), place, "{text:?}");
        }
    }
}
