//! Responses of more than one page, and of more than one list, joined into one.

use std::collections::HashSet;

use crate::domain::{Body, Scope, Text};
use crate::exchange::rest::{RestClient, TimedResponse, Turn};
use crate::exchange::{Api, ErrorClass, ExchangeError, Request, Response};

/// The most pages of one list: 2,000 ledger entries of a day, or orders of a class.
const MAX_PAGES: usize = 20;

/// The next page of a request that is read page by page and list by list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A page of the same list, or of the next one.
    Page(Text),
    /// The first page of the next list: this one has more pages than are read.
    SkipTo(Text),
    /// There is none: all has been read.
    End,
    /// There is none, and the last list has more pages than are read.
    CutShort,
}

/// Counts the pages of each list.
#[derive(Debug)]
pub(super) struct Pages {
    most: usize,
    read: usize,
    /// Lists before this one.
    lists: usize,
}

impl Pages {
    /// Starts with the first page of the first list; of each list at most `most` pages are read.
    pub(super) const fn new(most: usize) -> Self {
        Self { most, read: 1, lists: 0 }
    }

    /// Returns what follows a page, from what its response says.
    pub(super) fn step(&mut self, next: Option<Text>, next_list: Option<Text>) -> Step {
        let is_cut = next.is_some() && self.read >= self.most;
        if let Some(next) = next.filter(|_| !is_cut) {
            self.read += 1;
            return Step::Page(next);
        }
        (self.read, self.lists) = (1, self.lists.saturating_add(1));
        match (next_list, is_cut) {
            (Some(list), false) => Step::Page(list),
            (Some(list), true) => Step::SkipTo(list),
            (None, false) => Step::End,
            (None, true) => Step::CutShort,
        }
    }
}

/// Sends one request, page by page where the response has more than one; the first in its `turn`, `None` to wait
/// for that.
pub(super) async fn send(
    rest: &RestClient,
    turn: Option<Turn>,
    api: &dyn Api,
    request: &Request,
) -> Result<TimedResponse, ExchangeError> {
    let mut timed = match turn {
        Some(turn) => rest.send_now(turn, api, request).await?,
        None => rest.send(api, request).await?,
    };
    let (mut pages, mut whole) = (Pages::new(MAX_PAGES), true);
    let mut further = Vec::new();
    let (mut next, mut next_list) = (timed.response.next.clone(), timed.response.next_list.clone());
    loop {
        let step = pages.step(next.take(), next_list.take());
        whole &= matches!(step, Step::Page(_) | Step::End);
        let (Step::Page(cursor) | Step::SkipTo(cursor)) = step else { break };
        let Some(page) = page(request, cursor) else { break };
        let more = match rest.send(api, &page).await {
            Ok(more) => more,
            // The key may lack what a further list is about: that says nothing of the key, nor of the lists
            // before it.
            Err(error) if pages.lists > 0 && is_refusal(error.class()) => {
                tracing::debug!(%error, "a further list is refused");
                whole = false;
                break;
            }
            Err(error) => return Err(error),
        };
        timed.numbers.extend(more.numbers);
        (next, next_list) = (more.response.next.clone(), more.response.next_list.clone());
        further.push(more.response);
    }
    timed.response = joined(timed.response, further, whole);
    timed.whole = whole;
    Ok(timed)
}

/// Joins the pages of a request. Where they are the `whole`, lists are marked as complete.
pub fn joined(
    mut first: Response,
    further: impl IntoIterator<Item = Response>,
    whole: bool,
) -> Response {
    (first.next, first.next_list) = (None, None);
    for body in further.into_iter().flat_map(|page| page.bodies) {
        join(&mut first.bodies, body);
    }
    if whole {
        first.bodies.iter_mut().for_each(complete);
    }
    first
}

/// Returns whether the exchange refuses a request for what it asks, as opposed to when or how often.
const fn is_refusal(class: ErrorClass) -> bool {
    matches!(
        class,
        ErrorClass::Permission
            | ErrorClass::Credentials
            | ErrorClass::Restricted
            | ErrorClass::WrongApi
            | ErrorClass::NoSuchSymbol
            | ErrorClass::OwnBug
    )
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

/// Adds the rows of another page to those before it. An entry that two lists hold counts once.
fn join(bodies: &mut [Body], mut more: Body) {
    for body in bodies {
        if let (Body::Orders(held), Body::Orders(more)) = (&mut *body, &mut more) {
            held.rows.append(&mut more.rows);
            held.unreadable += more.unreadable;
        }
        if let (Body::Ledger { rows, .. }, Body::Ledger { rows: more, .. }) = (body, &mut more) {
            let held: HashSet<Text> = rows.iter().map(|row| row.id.clone()).collect();
            rows.extend(more.drain(..).filter(|row| !held.contains(&row.id)));
            rows.sort_by_key(|row| std::cmp::Reverse(row.time));
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

#[cfg(test)]
mod tests;
