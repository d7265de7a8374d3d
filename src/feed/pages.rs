//! Answers of more than one page, put together to one.

use crate::domain::{Body, Scope, Text};
use crate::exchange::rest::{Reply, RestClient};
use crate::exchange::{Api, ExchangeError, Query};

/// Pages that are read of one list: 2,000 bills of a day, or orders of a class.
const MOST_PAGES: usize = 20;

/// Asks one question, page by page where the answer has more than one.
pub(super) async fn ask(
    rest: &RestClient,
    api: &dyn Api,
    query: &Query,
) -> Result<Reply, ExchangeError> {
    let mut reply = rest.ask(api, query).await?;
    for _ in 1..MOST_PAGES {
        let Some(page) = reply.answer.next.take().and_then(|cursor| page(query, cursor)) else {
            break;
        };
        let more = rest.ask(api, &page).await?.answer;
        reply.answer.next = more.next;
        for body in more.bodies {
            join(&mut reply.answer.bodies, &body);
        }
    }
    if reply.answer.next.is_none() {
        reply.answer.bodies.iter_mut().for_each(complete);
    }
    Ok(reply)
}

/// Returns the question for another page; `None` where there are none.
fn page(query: &Query, cursor: Text) -> Option<Query> {
    if let Query::Orders(class) = query {
        return Some(Query::MoreOrders { class: *class, cursor });
    }
    if let Query::Ledger { since, until, .. } = query {
        return Some(Query::Ledger { since: *since, until: *until, cursor: Some(cursor) });
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
