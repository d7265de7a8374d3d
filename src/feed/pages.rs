//! Responses of more than one page, joined into one.

use crate::domain::{Body, Scope, Text};
use crate::exchange::rest::{RestClient, TimedResponse};
use crate::exchange::{Api, ExchangeError, Request};

/// The most pages of one list: 2,000 ledger entries of a day, or orders of a class.
const MAX_PAGES: usize = 20;

/// Sends one request, page by page where the response has more than one.
pub(super) async fn send(
    rest: &RestClient,
    api: &dyn Api,
    request: &Request,
) -> Result<TimedResponse, ExchangeError> {
    let mut timed = rest.send(api, request).await?;
    for _ in 1..MAX_PAGES {
        let Some(page) = timed.response.next.take().and_then(|cursor| page(request, cursor)) else {
            break;
        };
        let more = rest.send(api, &page).await?.response;
        timed.response.next = more.next;
        for body in more.bodies {
            join(&mut timed.response.bodies, &body);
        }
    }
    if timed.response.next.is_none() {
        timed.response.bodies.iter_mut().for_each(complete);
    }
    Ok(timed)
}

/// Returns the request for another page; `None` for lists that are read by their first page alone.
fn page(request: &Request, cursor: Text) -> Option<Request> {
    if let Request::Orders(product, class) = request {
        return Some(Request::MoreOrders { product: *product, class: *class, cursor });
    }
    if let Request::Ledger { since, until, .. } = request {
        return Some(Request::Ledger { since: *since, until: *until, cursor: Some(cursor) });
    }
    None
}

/// Adds the rows of another page to those of the first.
fn join(bodies: &mut [Body], more: &Body) {
    for body in bodies {
        if let (Body::Orders(held), Body::Orders(more)) = (&mut *body, more) {
            held.rows.extend(more.rows.iter().cloned());
            held.unreadable += more.unreadable;
        }
        if let (Body::Ledger { rows, .. }, Body::Ledger { rows: more, .. }) = (body, more) {
            rows.extend(more.iter().cloned());
        }
    }
}

/// Marks a list whose last page has been read as complete.
fn complete(body: &mut Body) {
    if let Body::Orders(set) = body {
        set.scope = Scope::Complete;
    }
    if let Body::Ledger { complete, .. } = body {
        *complete = true;
    }
}
