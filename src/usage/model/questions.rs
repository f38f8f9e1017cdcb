//! Which answers count when a slow one is overtaken by a later one.

/// Questions that are asked again and again, whose answers may come in another order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Questions {
    asked: u32,
    answered: u32,
}

impl Questions {
    /// The number of one more question.
    pub fn ask(&mut self) -> u32 {
        self.asked = self.asked.saturating_add(1);
        self.asked
    }

    /// Whether an answer to the question of that number still says something new: no later question was answered before.
    pub fn is_news(&mut self, number: u32) -> bool {
        let is_news = number > self.answered;
        if is_news {
            self.answered = number;
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_that_was_overtaken_is_no_news() {
        let mut questions = Questions::default();
        let [first, second, third, fourth] = std::array::from_fn(|_| questions.ask());
        let told = [second, first, fourth, third].map(|number| questions.is_news(number));
        assert_eq!(told, [true, false, true, false]);
        let fifth = questions.ask();
        assert!(questions.is_news(fifth));
    }
}
