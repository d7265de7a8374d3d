//! The parameters of a request, their errors, and pages of rows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::contracts::{index_of, spec};
use super::products::Product;
use super::simulated_market::Market;
use super::world::World;

/// An API error: HTTP status 400 with a code and a message.
#[derive(Debug)]
pub(super) struct ApiError(pub(super) &'static str, pub(super) String);

impl ApiError {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self(code, text.into())
    }
}

pub(super) fn unknown_symbol(symbol: &str) -> ApiError {
    ApiError::new("40034", format!("Parameter {symbol} does not exist"))
}

/// The parameters of a query.
#[derive(Debug)]
pub(super) struct Parameters {
    all: BTreeMap<String, String>,
    pub(super) decoded: String,
}

impl Parameters {
    pub(super) fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let all: Vec<(String, String)> = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), percent_decode(value))
            })
            .collect();
        let decoded: Vec<_> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self { decoded: decoded.join("&"), all: all.into_iter().collect() }
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.all.get(name).map_or("", String::as_str)
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).parse().ok()
    }

    /// Returns the product, under the name of either generation.
    pub(super) fn product(&self) -> &str {
        let v2 = self.get("productType");
        if v2.is_empty() { self.get("category") } else { v2 }
    }

    /// Returns the product whose contracts are requested: futures in USDT where none is named, `None` where
    /// one without contracts is.
    pub(super) fn futures(&self) -> Option<Product> {
        let name = self.product();
        if name.is_empty() { Some(Product::Usdt) } else { Product::of(name) }
    }

    /// Returns the requested market. It must be of the product that is named, if one is.
    pub(super) fn market<'a>(&self, world: &'a World) -> Result<&'a Market, ApiError> {
        let name = self.get("symbol");
        index_of(&name.to_uppercase())
            .and_then(|index| world.markets.get(index))
            .filter(|market| {
                self.product().is_empty() || Some(market.spec.product) == self.futures()
            })
            .ok_or_else(|| unknown_symbol(name))
    }

    /// Returns whether rows of a contract are requested.
    pub(super) fn matches(&self, contract: usize) -> bool {
        let (name, spec) = (self.get("symbol"), spec(contract));
        let is_named = [spec.name, spec.v3_name].iter().any(|own| own.eq_ignore_ascii_case(name));
        Some(spec.product) == self.futures() && (name.is_empty() || is_named)
    }

    /// Refuses a time range of more than `days`, or one that ends before it starts.
    pub(super) fn check_span(&self, days: i64) -> Result<(), ApiError> {
        let times = self.number::<i64>("startTime").zip(self.number::<i64>("endTime"));
        match times {
            Some((from, until)) if until - from > days * 86_400_000 => {
                Err(ApiError::new("40705", format!("The time range cannot exceed {days} days")))
            }
            Some((from, until)) if until < from => {
                Err(ApiError::new("40707", "The start time is after the end time"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn spans(&self, at_ms: i64) -> bool {
        let from = self.number("startTime").unwrap_or(i64::MIN);
        let until = self.number("endTime").unwrap_or(i64::MAX);
        (from..=until).contains(&at_ms)
    }
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next()))
        {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The member and parameter names of a paged list.
pub(super) struct Page {
    pub(super) name: &'static str,
    /// The parameter with the end of the previous page.
    pub(super) before: &'static str,
    /// The member with the end of this page.
    pub(super) end: &'static str,
    pub(super) null_when_empty: bool,
}

impl Page {
    /// Returns the requested page, newest first.
    pub(super) fn of(&self, mut rows: Vec<(i64, Value)>, q: &Parameters) -> Value {
        rows.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        let before: i64 = q.number(self.before).unwrap_or(i64::MAX);
        let limit = q.number("limit").unwrap_or(100_usize).min(100);
        let rows: Vec<_> = rows.into_iter().filter(|(id, _)| *id < before).take(limit).collect();
        let end = rows.last().map_or(Value::Null, |(id, _)| Value::String(id.to_string()));
        if rows.is_empty() && self.null_when_empty {
            return json!({ self.name: null, self.end: null });
        }
        let rows: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
        json!({ self.name: rows, self.end: end })
    }
}
