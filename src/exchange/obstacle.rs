//! What a page says that comes in place of a response of the exchange.

use crate::domain::Obstacle;

/// The most of a page that is looked at, in bytes.
const MAX_PAGE: usize = 16_384;

/// Returns what a page says that came in place of the exchange's response, with the words for it; `None`
/// where it says nothing.
pub(super) fn told_by(status: u16, body: &[u8]) -> Option<(Obstacle, String)> {
    let page = String::from_utf8_lossy(body.get(..MAX_PAGE).unwrap_or(body));
    let page = page.trim_start().to_ascii_lowercase();
    if let Some(code) = cloudflare_code(&page) {
        let told = match code {
            1_006..=1_008 | 1_010 | 1_012 | 1_020 => {
                Some((Obstacle::Blocked, "blocked by the CDN"))
            }
            1_009 => Some((Obstacle::Region, "the CDN refuses this region")),
            1_015 => Some((Obstacle::Limited, "the CDN limits this address for a while")),
            // The others are about the exchange's own set-up.
            _ => None,
        };
        if let Some((obstacle, words)) = told {
            return Some((obstacle, format!("{words} (HTTP {status}, error {code})")));
        }
    }
    let (obstacle, words) = match status {
        451 => (Obstacle::Region, "not available in this region"),
        403 => (Obstacle::Blocked, "blocked by the CDN"),
        511 => (Obstacle::Page, "this network wants a sign-in"),
        300..=399 => (Obstacle::Page, "redirected, which is not followed"),
        200..=299 if page.starts_with('<') => (Obstacle::Page, "a web page instead of data"),
        _ => return None,
    };
    Some((obstacle, format!("{words} (HTTP {status})")))
}

/// Returns the code of an error page of Cloudflare, as in `error code: 1020` or `<h1>Error 1015</h1>`.
fn cloudflare_code(page: &str) -> Option<u16> {
    ["error code: ", "error "].into_iter().find_map(|lead| {
        page.match_indices(lead).find_map(|(at, _)| {
            let after = page.get(at.saturating_add(lead.len())..)?;
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok().filter(|code| (1_000..1_200).contains(code))
        })
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(451, "", Some((Obstacle::Region, "not available in this region (HTTP 451)")))]
    #[case(403, "<html>", Some((Obstacle::Blocked, "blocked by the CDN (HTTP 403)")))]
    #[case(
        403,
        "error code: 1020",
        Some((Obstacle::Blocked, "blocked by the CDN (HTTP 403, error 1020)"))
    )]
    #[case(
        403,
        "<title>Access denied</title><span>Error 1009</span>",
        Some((Obstacle::Region, "the CDN refuses this region (HTTP 403, error 1009)"))
    )]
    #[case(
        429,
        "<h1>Error 1015</h1>",
        Some((Obstacle::Limited, "the CDN limits this address for a while (HTTP 429, error 1015)"))
    )]
    #[case(200, " \n<!DOCTYPE html>", Some((Obstacle::Page, "a web page instead of data (HTTP 200)")))]
    #[case(511, "", Some((Obstacle::Page, "this network wants a sign-in (HTTP 511)")))]
    #[case(302, "", Some((Obstacle::Page, "redirected, which is not followed (HTTP 302)")))]
    #[case(200, "", None)]
    #[case(530, "error code: 1016", None)]
    #[case(502, "<html>error 9</html>", None)]
    #[case(429, "<html>", None)]
    #[case(503, "error 10200 error code: 99", None)]
    fn a_page_is_told_by_status_and_code(
        #[case] status: u16,
        #[case] body: &str,
        #[case] told: Option<(Obstacle, &str)>,
    ) {
        let told = told.map(|(obstacle, text)| (obstacle, text.to_owned()));
        assert_eq!(told_by(status, body.as_bytes()), told);
    }
}
