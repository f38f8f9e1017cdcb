//! How long an open page goes on asking for new values.

use crate::error::AppError;

/// How it stands with asking for new values while a page with meters is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refreshing {
    /// The last answer was good.
    #[default]
    ByItself,
    /// So many in a row have failed.
    Failing(u32),
    /// There is nothing to be had any more.
    Ended {
        /// Because nobody is signed in any more.
        signed_out: bool,
    },
}

impl Refreshing {
    /// After one more answer.
    #[must_use]
    pub fn after(self, answer: Result<(), &AppError>) -> Self {
        match (answer, self) {
            (Ok(()), _) => Self::ByItself,
            (Err(AppError::SignIn), _) => Self::Ended { signed_out: true },
            (
                Err(
                    AppError::Forbidden(_)
                    | AppError::NotInSession(_)
                    | AppError::SecondFactor
                    | AppError::NoCompany
                    | AppError::SingleSignOn
                    | AppError::Conflict(_),
                ),
                _,
            ) => Self::Ended { signed_out: false },
            (Err(_), Self::Failing(count)) => Self::Failing(count.saturating_add(1)),
            (Err(_), _) => Self::Failing(1),
        }
    }

    /// What stands below values that were read at that time. One failed answer is not spoken of: the next comes soon.
    pub fn sentence(self, read_at: &str) -> String {
        match self {
            Self::ByItself | Self::Failing(0..=1) => "Refreshes by itself.".to_owned(),
            Self::Failing(_) => format!("Not refreshed since {read_at}. We keep trying."),
            Self::Ended { signed_out: true } => "Your session has ended, so this is not refreshed any more.".to_owned(),
            Self::Ended { signed_out: false } => "Not refreshed any more.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Permission;

    #[test]
    fn two_failures_in_a_row_are_spoken_of_until_one_succeeds() {
        let mut refreshing = Refreshing::default();
        let mut sentences = vec![];
        for answer in [Ok(()), Err(&AppError::Unavailable), Err(&AppError::Unavailable), Err(&AppError::Unavailable), Ok(())] {
            refreshing = refreshing.after(answer);
            sentences.push(refreshing.sentence("23 Nov 2026, 09:00 UTC"));
        }
        let (fresh, late) = ("Refreshes by itself.", "Not refreshed since 23 Nov 2026, 09:00 UTC. We keep trying.");
        assert_eq!(sentences, [fresh, fresh, late, late, fresh]);
    }

    #[test]
    fn whoever_may_see_nothing_any_more_asks_no_more() {
        let refreshing = Refreshing::Failing(1);
        assert_eq!(refreshing.after(Err(&AppError::SignIn)), Refreshing::Ended { signed_out: true });
        for error in [
            AppError::NoCompany,
            AppError::SingleSignOn,
            AppError::SecondFactor,
            AppError::Forbidden(Permission::ViewPortal),
            AppError::NotInSession(String::new()),
            AppError::Conflict(String::new()),
        ] {
            assert_eq!(refreshing.after(Err(&error)), Refreshing::Ended { signed_out: false }, "{error}");
        }
    }
}
