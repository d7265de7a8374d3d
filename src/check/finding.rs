//! [`Finding`]: one line of the result, and the exit code that all of them come to.

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing, or not looked at.
    Warn,
    /// It does not work, or is dangerous.
    Fail,
}

impl Status {
    /// Returns the name in the JSON document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What a failure is about: it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The exchange refuses key, account or request.
    Credentials,
    /// The exchange is not reached, or not in time.
    Network,
    /// A threshold of the command line is crossed.
    Threshold,
    /// Anything else.
    Other,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: one of a fixed list, for scripts.
    pub name: &'static str,
    /// Which of several, such as a host or a channel; empty where there is one.
    pub subject: String,
    /// How good it is.
    pub status: Status,
    /// What was found.
    pub text: String,
    /// What to do; only `None` for what is good.
    pub remedy: Option<String>,
    /// What a failure is about.
    pub area: Area,
    /// Whether it could be looked at.
    pub looked_at: bool,
}

impl Finding {
    /// Returns a good one.
    pub fn ok(name: &'static str, subject: &str, text: impl Into<String>) -> Self {
        Self {
            name,
            subject: subject.to_owned(),
            status: Status::Ok,
            text: text.into(),
            remedy: None,
            area: Area::Other,
            looked_at: true,
        }
    }

    /// Returns one that is worth knowing.
    pub fn warn(
        name: &'static str,
        subject: &str,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = Some(remedy.into());
        Self { status: Status::Warn, remedy, ..Self::ok(name, subject, text) }
    }

    /// Returns one that could not be looked at.
    pub fn not_looked_at(
        name: &'static str,
        subject: &str,
        why: &str,
        remedy: impl Into<String>,
    ) -> Self {
        let text = format!("not looked at: {why}");
        Self { looked_at: false, ..Self::warn(name, subject, text, remedy) }
    }

    /// Returns a bad one.
    pub fn fail(
        area: Area,
        name: &'static str,
        subject: &str,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { status: Status::Fail, area, ..Self::warn(name, subject, text, remedy) }
    }
}

/// Returns the exit code: 0 without a failure, 3 credentials, 4 network, 5 a threshold, else 1. The first of
/// them that applies is told, because what comes later may follow from it.
pub fn exit_code(findings: &[Finding]) -> u8 {
    let failed = |area| findings.iter().any(|f| f.status == Status::Fail && f.area == area);
    [(Area::Credentials, 3), (Area::Network, 4), (Area::Threshold, 5), (Area::Other, 1)]
        .into_iter()
        .find_map(|(area, code)| failed(area).then_some(code))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_decides_the_exit_code_and_not_what_follows_from_it() {
        let fail = |area| Finding::fail(area, "x", "", "", "");
        let code = |areas: &[Area]| exit_code(&areas.iter().map(|a| fail(*a)).collect::<Vec<_>>());
        assert_eq!(code(&[]), 0);
        assert_eq!(code(&[Area::Other]), 1);
        assert_eq!(code(&[Area::Other, Area::Threshold]), 5);
        assert_eq!(code(&[Area::Threshold, Area::Network]), 4);
        assert_eq!(code(&[Area::Network, Area::Credentials]), 3);
        assert_eq!(exit_code(&[Finding::warn("x", "", "", "")]), 0);
    }
}
